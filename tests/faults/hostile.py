"""What a model may write to get out of the text that it was asked for. Each has the word HAX in it, to be found by."""

from __future__ import annotations

HAX = "hax0r"

# What is one printable line is taken as it stands, wherever a phrase is wanted.
PHRASES = {
    "html": f"</li></td></pre><script>alert('{HAX}')</script><img src=x onerror=alert(1)> \" onload=\"{HAX}",
    "entity": f"&lt;b&gt; {HAX} &amp;#60;script&amp;#62; ]]> -->",
    "jinja": f"{{{{ 7 * 7 }}}} {{% for x in cycler.__init__.__globals__ %}}{HAX}{{% endfor %}} {{# {HAX} #}}",
    "python": f"{{0.__class__}} %(x)s ${{PATH}} __import__('os').system('touch {HAX}')",
    "yaml": f"!!python/object/apply:os.system ['touch {HAX}']",
    "anchor": f"&{HAX} *{HAX} <<: {{a: 1}} # - ? | >",
    "merge": f"<<{HAX}",
    "formula": f"=cmd|'/c touch {HAX}'!A1",
    "sum": f"@SUM(1+1)*{HAX}",
    "plus": f"+1+{HAX}",
    "minus": f"-2+3+{HAX}",
    "path": f"../../../../../../tmp/{HAX}",
    "root": f"/etc/{HAX}",
    "shell": f"$(touch {HAX}); `touch {HAX}` | tee {HAX}",
    "sql": f"'); DROP TABLE answers; -- {HAX}",
    "markdown": f"[{HAX}](javascript:alert(1)) ![x](http://{HAX}.example) # x **y** | z",
    "link": f"https://{HAX}.example www.{HAX}.example",
    "item": f"- {HAX}",
    "number": f"1. {HAX}",
    "rtl": f"\N{HEBREW LETTER ALEF}\N{ARABIC LETTER BEH} {HAX}",
}

# What is no line that a person would type: taken for no phrase.
CONTROLS = {
    "ansi": f"\x1b[2J\x1b]0;{HAX}\x07 \x9b31m",
    "nul": f"{HAX}\x00{HAX}",
    "half": f"\ud800 {HAX} \udfff\ud800",
    "return": f"{HAX}\b\b\b\x7f",
    "lost": f"{HAX} \N{REPLACEMENT CHARACTER}",
}
UNSEEN = {
    "override": f"\u202e\u2066 {HAX} gnp.exe",
    "zero": f"\ufeff\u200b {HAX}\u200d\u2060",
    "lines": f"{HAX}\u2028{HAX}\u2029{HAX}\u0085{HAX}",
}

# No object that anybody asked for; a number that is none; as deep as memory goes.
MALFORMED = (
    "", "null", "NaN", "[]", "{", "}{", '"', "7" * 5000, "1e999999", "\x00", "\ud800", "{}" * 9, '{"a":' * 50_000,
    "[" * 100_000, '{"texts": ' + "[" * 100_000, '{"texts": [' + '{"a":' * 50_000, '{"texts": ["' + "x" * 1_000_001,
    '{"texts": {"0": "a"}}', '{"texts": [NaN, Infinity, -Infinity, 1e400, ' + "9" * 5000 + "]}",
    '{"texts": ["a"], "texts": 7}', "```json\n" + "[" * 5000 + "\n```", "```" * 9, "```\n" * 9,
)  # fmt: skip


def long_texts(size: int) -> dict[str, str]:
    """What is hard on a pattern that looks at what follows anew from each character: `size` repeats, or tenfold."""
    many = 10 * size
    return {
        "points": "." * many,
        "blanks": " " * many + "x",
        "blanks in a fence": "```\n" + " " * many + "x",
        "lines in a fence": "```" + "\n" * many + "x",
        "fences": "```\n" + "``` " * size + "x",
        "marks": "a" + "\u0301\u0316" * size,
        "halfwidth marks": "a" + "\uff9e\u0301" * size,
        "apologies": "I'm sorry " * size,
        "declining": "I cannot write " + "text " * 12 + " " * many + "a",
        "models": "as an AI " * size,
        "one word": "x" * many,
        "ligatures": "\ufdfa" * size,
        "keys": '"texts"' + " " * size + '"texts" : ' * size,
        "quotes": '"' * many,
        "numbers": '{"texts": [' + "1, " * size,
        "digits": '{"texts": [1' + "0" * many + ".5]}",
    }
