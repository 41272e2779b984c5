"""Texts that try to be more than text, and a music service whose every record is made of them.

What runs sets ``window.reached``; what is fetched comes from a host under ``evil.example``.
"""

from __future__ import annotations

import json
import re
from typing import Any

from services import Receive, Scope, Send

_RUN = "window.reached=true"
_HOST = "evil.example"
_TAG_LETTERS = "".join(chr(0xE0000 + ord(c)) for c in "gbeng") + "\U000e007f"

# The first is harmless: what the others look like is compared with it.
TEXTS: tuple[str, ...] = (
    "Rain",
    # Elements that run or fetch.
    f"<script>{_RUN}</script>",
    f"<ScRiPt src=//{_HOST}/a.js></sCrIpT>",
    f"<scr<script>ipt>{_RUN}</scr</script>ipt>",
    f'"><img src=x onerror="{_RUN}">',
    f"'><img src=x onerror='{_RUN}'>",
    f"<img src=https://{_HOST}/a.png>",
    f"<img srcset='//{_HOST}/a.png 1x, //{_HOST}/b.png 2x'>",
    f"<svg onload={_RUN}>",
    f"<svg><animate onbegin={_RUN} attributeName=x dur=1s></svg>",
    f"<svg><use href='data:image/svg+xml,<svg id=x onload={_RUN}>#x'/></svg>",
    f"<math><mtext><table><mglyph><style><img src onerror={_RUN}></style></mglyph></table>",
    f"<iframe src='javascript:parent.{_RUN}'></iframe>",
    f'<iframe srcdoc="<script>parent.{_RUN}</script>"></iframe>',
    f"<object data=//{_HOST}/a.swf></object><embed src=//{_HOST}/b.swf>",
    f"<audio src=//{_HOST}/a.mp3 autoplay onerror={_RUN}><video src=//{_HOST}/a.mp4>",
    f"<form action=//{_HOST}/><input name=x autofocus onfocus={_RUN}><button formaction=//{_HOST}>",
    f"<details open ontoggle={_RUN}><summary>x</summary></details>",
    f"<body onload={_RUN}><base href=//{_HOST}/>",
    f'<meta http-equiv="refresh" content="0;url=//{_HOST}/">',
    f"<link rel=stylesheet href=//{_HOST}/a.css><link rel=prefetch href=//{_HOST}/b>",
    f"<a href='javascript:{_RUN}' ping=//{_HOST}/>x</a>",
    f"<template><script>{_RUN}</script></template><noscript><p title='</noscript><img src=x>'>",
    # Styles.
    f"<style>@import url(//{_HOST}/a.css);*{{background:url(//{_HOST}/b.png)}}</style>",
    f'" style="background:url(//{_HOST}/c.png);width:expression({_RUN})" x="',
    f"red;background-image:url('//{_HOST}/d.png');}}*{{display:none}}",
    # Out of an attribute or an element.
    f"' onmouseover='{_RUN}' x='",
    f'" onfocus="{_RUN}" autofocus tabindex="1" x="',
    f"` onload={_RUN} `",
    f"x onpointerenter={_RUN} y=",
    "</td></tr></table></pre></details></div></div></bdi><b>",
    f"</style></script></textarea></title><script>{_RUN}</script>",
    f"--><script>{_RUN}</script><!--",
    f"<!-- --!><img src=x onerror={_RUN}> -->",
    f"<![CDATA[<svg onload={_RUN}>]]>",
    f"]]><script>{_RUN}</script>",
    f"<?php echo 1 ?><!DOCTYPE x [<!ENTITY y SYSTEM 'http://{_HOST}/'>]>&y;",
    # Addresses.
    f"javascript:{_RUN}//",
    f" \tjava\nscript&colon;{_RUN}",
    f"data:text/html,<script>parent.{_RUN}</script>",
    f"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='{_RUN}'/>",
    f"//{_HOST}/protocol-relative.png",
    f"http://{_HOST}/plain.png",
    f"https://127.0.0.1@{_HOST}/user.png",
    f"\\\\{_HOST}\\share",
    # Entities, broken and doubled.
    "&lt;script&gt;&amp;&#60;b&#62;&#x3c;i&#x3e;",
    "&lt &#60 &#x &#xD800; &#0; &notanentity; &amp;amp;lt;",
    "%3Cscript%3E \\u003cscript\\u003e \\x3cscript\\x3e +ADw-script+AD4-",
    # Templates.
    "{{7*191}}{% for x in range(9) %}x{% endfor %}{# x #}",
    "{{constructor.constructor('window.reached=true')()}}",
    "{{_c.constructor('window.reached=true')()}} ${7*191} #{7*191} <%= 7*191 %> @(7*191)",
    '<div v-html="x" ng-app ng-csp x-init="window.reached=true" hx-get="//evil.example">',
    "{0} {0.__class__} {job_id!r} %s %(x)s %n $name $$",
    "__import__('os').system('true') ; $(true) | `true` && !true",
    # Markdown.
    f"[x](javascript:{_RUN}) ![x](http://{_HOST}/md.png) <http://{_HOST}/>",
    f"Verse\n\n![x](http://{_HOST}/para.png)\n\n[x](javascript:{_RUN})\n\n# Chorus\n\n    code",
    f"Verse\n\n<img src=x onerror={_RUN}>\n\n---\n\n* a\n* b\n\n| a | b |\n|---|---|\n| c | d |",
    f"```\nx\n```\n~~~{{raw}}\n[r]: //{_HOST}/ref\n\n![r]\n\n**bold** _it_ ~~s~~",
    # Mathematics.
    r"$x^2$ and $$\frac{1}{2}$$ and \(y\) and \[z\]",
    rf"$\href{{javascript:{_RUN}}}{{click}}$",
    rf"$\style{{background:url(//{_HOST}/tex.png)}}{{x}}\class{{jp-Cell}}{{y}}\require{{html}}$",
    r"\begin{equation}x\end{equation} \def\x{\x\x}\x",
    # Characters.
    "\u202egnp.live\u202c \u2066\u2067\u2068\u2069\u061c\u200e\u200f",
    "nul \0 bell \a esc \x1b[31m\x1b]0;x\a back \b\b del \x7f csi \x9b31m",
    "cr \r lf \n crlf \r\n vt \v ff \f nel \x85 ls \u2028 ps \u2029 end",
    "zero\u200bwidth\ufeff\u2060\u00ad joined\u200dletters\u200c",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f3f4"
    + _TAG_LETTERS
    + " \U0001f44d\U0001f3fd",
    "Z" + "\u0351\u0489" * 200,
    "\u201cquotes\u201d \u2018of\u2019 \u00aball\u00bb \"kinds\" 'and' `ticks` \u02bc\uff02\uff07",
    "\uff1cscript\uff1e\u2039b\u203a \ufe64i\ufe65",
    "\ufffe\uffff\ue000\U0010ffff private",
    "x" * 30_000,
    "<b>" * 5_000,
    "many\n" * 3_000,
)

_ITEM = re.compile(r"(?P<kind>[a-z]+)(?P<number>\d{4})")
_STATUS = {"running": 0, "done": 30, "failed": 10}


def job_ids(kind: str) -> list[str]:
    """The id of a job for each text; *kind* is ``running``, ``done``, ``failed`` or ``refused``."""
    return [f"user:4711-tempolor:100198329-job:{kind}{i:04d}" for i in range(len(TEXTS))]


def document(job_id: str) -> dict[str, Any]:
    """The record of a job: its text is the value of every text field, and the key of more."""
    found = _ITEM.fullmatch(job_id.rpartition(":")[2])
    assert found
    text = TEXTS[int(found["number"])]
    status = _STATUS[found["kind"]]
    material = ("style", "chord", "mood", "inst", "instInfo", "otherInfo", "key", "waveformUrl")
    extended = ("lyricsPrompt", "prompt", "description", "model", "modelShowName")
    top = ("titleEn", "cover", "userId", "bizType", "status_name", "mp3OssId", "wavOssId", "itemId")
    return {
        text: text,
        **dict.fromkeys(top, text),
        "job_id": job_id,
        "status": status,
        "status_final": status != 0,
        "progress": 35 if status == 0 else 100,
        "createTime": 1_716_565_425_000,
        "updateTime": 1_716_565_700_000,
        "musicMaterial": {text: [text, {text: text}], **dict.fromkeys(material, text), "bpm": 130},
        "ltmMaterialExtendDto": {text: text, **dict.fromkeys(extended, text)},
    }


async def service(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer each question about a job with its text, of ``refused`` ones with an error."""
    del receive
    if scope["type"] != "http":
        return
    job_id = scope["path"].rpartition("/")[2]
    number = int(job_id[-4:])
    status = 200
    if "/download/" in scope["path"]:
        answer: dict[str, Any] = {"url": TEXTS[number], TEXTS[number]: TEXTS[number]}
    elif ":refused" in job_id:
        status, answer = 400, {"error": TEXTS[number], TEXTS[number]: TEXTS[number]}
    else:
        answer = document(job_id)
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(answer).encode()})
