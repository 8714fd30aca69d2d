"""Index both languages for the site's search: pairs of Chinese characters, stems of English words.

Sphinx's own index of Chinese asks the package jieba, a dictionary of 19 MB without a release since 2020, and its page
then takes a question such as 盲区排名 for one word, which no dictionary has. Pairs of neighbouring characters need no
dictionary: text and question are cut alike, and a page is found where it has every pair of the question (the way Lucene
indexes Chinese). A single character finds the pages where it stands alone or begins or ends a run.
"""

from __future__ import annotations

import re
from itertools import pairwise

from sphinx.search.en import SearchEnglish

#: Runs of Chinese characters (CJK unified ideographs, extension A), and runs of other word characters.
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_RUN = re.compile(rf"[{_HAN}]+|[^\W{_HAN}]+")


def split(text: str) -> list[str]:
    """Return the words of a text: pairs of a run of Chinese characters, other words whole.

    >>> split("盲区排名 by rank")
    ['盲区', '区排', '排名', 'by', 'rank']
    """
    out: list[str] = []
    for run in _RUN.findall(text):
        if len(run) == 1 or not re.match(f"[{_HAN}]", run):
            out.append(run)
        else:
            out += [a + b for a, b in pairwise(run)]
    return out


class SearchBothLanguages(SearchEnglish):
    """Cut Chinese into pairs and stem English, in the index and in the reader's question alike."""

    lang = "zh"
    language_name = "English"  # of the stemmer: Sphinx makes a name in JavaScript of it
    #: The same cut for the question, in the reader's browser.
    js_splitter_code = f"""
var splitQuery = (query) => {{
  const out = [];
  for (const [run] of query.matchAll(/[{_HAN}]+|(?:(?![{_HAN}])[\\p{{L}}\\p{{N}}_])+/gu)) {{
    if (!/^[{_HAN}]/.test(run) || run.length === 1) out.push(run);
    else for (let i = 0; i + 1 < run.length; i++) out.push(run.slice(i, i + 2));
  }}
  return out;
}};
"""

    def split(self, input: str) -> list[str]:  # noqa: A002 (Sphinx's name)
        """Return the words of a text."""
        return split(input)
