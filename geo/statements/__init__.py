"""Find in a text what it says of places, in numbers and claims, and compare that with what is known."""
