"""Keep files that were sent to be imported until their sender has seen what they would change, and agrees."""
