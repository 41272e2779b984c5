"""What people type, rightly and wrongly, in a kernel that ``test_secrets`` has set up.

``ID`` is a job id that was not there before, ``HERE`` stands for the token as it is typed into a
line. ``T`` holds the token, ``URL`` is where the service is.
"""

from __future__ import annotations

_CLIENT = "with tempolor.Client(base_url=URL) as client: "
_WRAPPED = "\nexcept Exception as error: raise RuntimeError('no music today') from error"

# Everything that is asked of the service.
LINES = {
    "watch": "%tempolor watch ID --wait",
    "table": "%tempolor watch ID ID0 --wait",
    "troubled": "%tempolor watch ID\n%tempolor wait ID --timeout 0.2\n%tempolor stop ID",
    "live": "%tempolor watch ID --live\n%tempolor wait ID --timeout 0.3\n%tempolor stop ID",
    "embed": "%tempolor watch ID --embed\n%tempolor wait ID",
    "status": "%tempolor status ID",
    "download": "%tempolor download ID --output music",
    "list": "%tempolor list\n%tempolor list --more",
    "slots": "%tempolor slots",
    "cancel": "%tempolor cancel ID --yes",
    "delete": "%tempolor delete ID --yes",
    "song": "%tempolor song a song of ID",
    "saved song": "%tempolor song a song of ID --wait --download --output music",
    "instrumental": "%tempolor instrumental a piece of ID",
    "result": "tempolor.watch('ID').result()",
    "exception": "raise tempolor.watch('ID').exception()",
    "await": "await tempolor.watch('ID')",
    "record": "job = tempolor.watch('ID'); print(job.result(), job.record.raw, job)",
    "rows": "jobs = tempolor.watch(['ID', 'ID0']); jobs.wait(); print(jobs.rows(), vars(jobs))",
    "callback": "tempolor.watch('ID').add_done_callback(lambda job: 1 / 0); 1 / 0",
    "panel": "panel = tempolor.Panel('ID'); panel.job.stop(); panel",
    "library": "library = tempolor.library(); display(library.next_page()); library.next_page()",
    "client": f"{_CLIENT}print(client.job('ID'))",
    "client file": f"{_CLIENT}print(client.download_link('ID'))",
    "client voices": f"{_CLIENT}print([*client.pages(client.artist_voices)])",
    "client records": f"{_CLIENT}print([*client.every(client.library)])",
    "client slots": f"{_CLIENT}print(client.slots(), client.running())",
    "client accounts": f"{_CLIENT}print(client.accounts(), client.account('1'))",
    "client order": f"{_CLIENT}client.submit(tempolor.SongOrder(prompt='a song of ID'))",
    "upload": f"{_CLIENT}client.clone_voice('mine', 'silence.mp3')",
    "stems": f"{_CLIENT}client.split_stems('silence.mp3')",
    "async client": "async with tempolor.AsyncClient(T, base_url=URL) as client:\n"
    "    await client.job('ID')",
    "impatient": "async with tempolor.AsyncClient(T, base_url=URL, patience=SHORT) as client:\n"
    "    await client.job('ID')",
    # As others do with our errors: their frames are shown then, all variables and all.
    "wrapped": f"try: tempolor.watch('ID').result(){_WRAPPED}",
    "wrapped client": f"try:\n    {_CLIENT}client.job('ID'){_WRAPPED}",
    "logged": "try: tempolor.watch('ID').result()\nexcept Exception: logging.exception('no music')",
}

# Each while the service says this and that.
PAIRS = [
    *(("watch", name) for name in ("401", "a final record", "a failed record")),
    *(("troubled", name) for name in ("500", "cut off", "no JSON", "524 page")),
    *(("table", name) for name in ("403", "a final record", "a failed record", "an unknown end")),
    *(("live", name) for name in ("a record", "a final record")),
    *(("download", name) for name in ("a final record", "402")),
    *((line, "a final record") for line in ("embed", "panel", "await", "record", "rows")),
    *((line, "a final record") for line in ("song", "saved song", "client", "client file")),
    *((line, "records") for line in ("list", "library", "client records", "client voices")),
    *((line, "slots") for line in ("slots", "client slots")),
    *(("client accounts", name) for name in ("accounts", "half of it", "500 private")),
    *((line, "401") for line in ("song", "list", "slots", "cancel", "delete", "upload")),
    *((line, "moved") for line in ("song", "list", "client file", "client accounts", "upload")),
    *(("instrumental", name) for name in ("412", "422", "596")),
    *((line, "another job") for line in ("client", "async client", "client voices", "list")),
    *((line, "no JSON") for line in ("client", "async client", "list", "stems")),
    *((line, "524 page") for line in ("client", "slots", "client order", "delete")),
    *((line, "402") for line in ("result", "exception", "await", "panel", "callback", "logged")),
    *(("wrapped", name) for name in ("401", "a failed record")),
    *(("wrapped client", name) for name in ("401", "no JSON", "cut off", "no HTTP")),
    ("impatient", "silence"),
]

# The token where it belongs, or what was meant to be one: it stands in no variable of ours, either.
PLACED = {
    "more than a token": "os.environ['USEAPI_TOKEN'] = f'Bearer {T}'\n%tempolor status ID",
    "a broken token": "os.environ['USEAPI_TOKEN'] = f'{T} x'\n%tempolor status ID",
    "a broken token, looked at": "os.environ['USEAPI_TOKEN'] = f'{T} x'\n%tempolor config",
    "half a token": "os.environ['USEAPI_TOKEN'] = T.partition('-')[2]\n%tempolor status ID",
    "a client of no service": "tempolor.Client(T, base_url='http://example.com')",
    "an async client of none": "tempolor.AsyncClient(T, base_url='http://example.com')",
    "a client of more": "tempolor.Client(f'Bearer {T}')",
    "a client of a broken token": "tempolor.Client(f'{T} x')",
    "an async client of it": "tempolor.AsyncClient(f'{T} x')",
    "a client of bytes": "tempolor.Client(T.encode())",
    "an async client of bytes": "tempolor.AsyncClient(T.encode())",
    "a broken token in the environment": "os.environ['USEAPI_TOKEN'] += ' x'\n"
    "tempolor.Client(base_url=URL)",
    "a transport that is none": "with tempolor.Client(transport=5) as client: client.job('ID')",
    "a client that is closed": "client = tempolor.Client(base_url=URL)\nclient.close()\n"
    "client.job('ID')",
    "a client looked at": "client = tempolor.Client(); display(client); vars(client)",
    "a client asked about": "client = tempolor.Client()\nclient?",
    "a client copied": "import copy; copy.deepcopy(tempolor.Client())",
    "a client packed": "import pickle; pickle.dumps(tempolor.Client())",
    "everything in this kernel": "from tempolor_magic.runtime import shared\nimport pprint\n"
    "pprint.pprint(vars(shared())); pprint.pprint(vars(shared().tokens))\n"
    "pprint.pprint([vars(watch) for watch in shared().poller.all()])",
    "what is in force": "%tempolor config",
    "nobody there": "%config TempolorMagics.base_url = 'http://127.0.0.1:9/v1'\n"
    "%tempolor status ID",
    "what was seen": "%tempolor jobs\n%tempolor show\n%tempolor resume\n%tempolor stop",
    "a new beginning": "%reload_ext tempolor_magic\n%tempolor status ID",
}

# The token where it does not belong.
MISTAKES = {
    "for an id": "%tempolor HERE",
    "for an id, quoted": "%tempolor watch 'HERE'",
    "for an id, encoded": "%tempolor status ENCODED",
    "among ids": "%tempolor watch ID HERE",
    "in a variable": "%tempolor watch $T",
    "in an expression": "%tempolor watch {T}",
    "in what holds no id": "mine = {'token': T}\n%tempolor watch $mine",
    "for an account": "%tempolor song hi --account HERE",
    "for the account of a list": "%tempolor list --account HERE",
    "for a voice": "%tempolor song hi --voice HERE",
    "for a melody": "%tempolor song hi --midi HERE",
    "for a model": "%tempolor song hi --model HERE",
    "for a prompt": "%tempolor song HERE",
    "for lyrics": "%%tempolor song hi --wait --download --output music\nHERE",
    "for chords": "%tempolor instrumental hi --chords HERE",
    "for a key": "%tempolor instrumental hi --key HERE",
    "for seconds": "%tempolor watch ID --deadline HERE",
    "for an interval": "%tempolor watch ID --interval HERE",
    "for a format": "%tempolor download ID --format HERE",
    "for a folder": "%tempolor download ID --output HERE",
    "for a file": "%tempolor download ID --output music/HERE.mp3",
    "for a folder, later": "%tempolor watch ID --download --output HERE --wait",
    "for a type": "%tempolor list --type HERE",
    "for an option": "%tempolor --token HERE",
    "for an option, joined": "%tempolor watch ID --token=HERE",
    "behind login": "%tempolor login HERE",
    "behind sandbox": "%tempolor sandbox HERE",
    "before help": "%tempolor HERE --help",
    "for faults": "%tempolor sandbox --faults HERE",
    "in Python": "tempolor.watch(T)",
    "in a Panel": "tempolor.Panel(T)",
    "in a library": "tempolor.library(kind=T)",
    "in a call": f"{_CLIENT}client.job(T)",
    "in a call for a file": f"{_CLIENT}client.download_link('ID', T)",
    "in a call for an account": f"{_CLIENT}client.account(T)",
    "in a call with a file": f"{_CLIENT}client.clone_voice('mine', f'/no/{{T}}.mp3')",
    "in a download": "tempolor.watch('ID').download(to=T)",
    "in an address": "%config TempolorMagics.base_url = 'https://HERE@api.useapi.net'",
    "for an address": "%config TempolorMagics.base_url = 'HERE'\n%tempolor status ID",
    "for the folder of all": "%config TempolorMagics.output = T\n%tempolor config\n"
    "%config TempolorMagics",
    "for the interval of all": "%config TempolorMagics.interval = T\n%tempolor config",
    "for the deadline of all": "%config TempolorMagics.deadline = T\n%tempolor config",
    "for a setting there is none of": "%config TempolorMagics.token = T",
    "in the address of all": "os.environ['TEMPOLOR_BASE_URL'] = f'https://{T}@api.useapi.net'\n"
    "%tempolor config\n%tempolor status ID",
    "as a password": "os.environ['TEMPOLOR_BASE_URL'] = f'https://me:{T[10:]}@api.useapi.net'\n"
    "%tempolor config\n%tempolor status ID",
    "in a path": "os.environ['TEMPOLOR_BASE_URL'] = f'{URL}/{T}'\n%tempolor config\n"
    "%tempolor status ID",
    "in the address of a client": "tempolor.Client(T, base_url=f'https://example.com/{T}')",
    "in its query": "tempolor.Client(T, base_url=f'https://example.com/?token={T}')",
    "an address that is none": "tempolor.Client(base_url=5)",
}
