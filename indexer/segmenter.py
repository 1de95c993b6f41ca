"""Chinese into words, by jieba's dictionary."""

import threading
import warnings
from functools import cache
from typing import Any

_loading = threading.Lock()


def cut(text: str) -> list[str]:
    """A run of Chinese characters as words; joined they are the run again."""
    return list(_tokenizer().cut(text))


def warm_up() -> threading.Thread:
    """Load the dictionary in the background (about a second), so that the first search need not wait."""
    _package()
    thread = threading.Thread(target=_tokenizer, name="chinese-dictionary", daemon=True)
    thread.start()
    return thread


def _tokenizer() -> Any:
    package = _package()
    with _loading:
        return _loaded(package)


@cache
def _package() -> Any:
    # Its source is of 2020: invalid escapes, and a look for pkg_resources, both of which warn.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba
    return jieba


@cache
def _loaded(package: Any) -> Any:
    # Its own loading logs to standard error and trusts a cache in the folder for temporary files, which on a
    # shared machine anybody could have put there. Reading the dictionary itself takes a second.
    tokenizer = package.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    return tokenizer
