"""What ``--help`` says beside the options: what each verb is for, and examples of it."""

from nlu_lite.cli import exit_codes

PROGRAM = "Text to a table of words and their transformer vectors."
PROGRAM_EXAMPLES = f"""examples:
  nlu-lite predict en.embed.minilm_l6 "I love NLP"          words and vectors
  nlu-lite predict en.embed.minilm_l6 < texts.txt > w.csv   a text a line in
  nlu-lite search small bert                                the references
  nlu-lite show en.embed.bert.small_L12_256                 what one is
  nlu-lite find en.ner.bert.by_vera_pro                     its model on the hub
  nlu-lite download en.embed.bert.small_L12_256             its weights
  nlu-lite migrate notebook.ipynb                           what of it works

"nlu-lite VERB --help" says more, with examples of each verb.
{exit_codes.HELP}
"""

PREDICT = """Texts to words, sentences or documents and their vectors.

The texts are those on the line; or a file or folder (--input); or standard
input, a text a line. They are read and encoded a few at a time, so that memory
does not grow with the input.
"""
PREDICT_EXAMPLES = f"""examples:
  nlu-lite predict en.embed.minilm_l6 "I love NLP" "Me too"
  nlu-lite predict "en.embed.minilm_l6 en.embed_sentence.minilm_l6" \\
      "Two models" --level sentence
  nlu-lite predict en.embed.minilm_l6 --input reviews.csv --column body \\
      --output words.jsonl
  nlu-lite predict en.embed.minilm_l6 --input reviews.csv --limit 20
  nlu-lite predict en.embed.minilm_l6 --path ./my_model "A folder of your own"

  A long job: a folder of Parquet parts.
  Killed or stopped by Ctrl-C, the same command goes on where it stopped.
  nlu-lite predict en.embed.minilm_l6 --input reviews.parquet --column body \\
      --output vectors/ --vectors float16

  The same every night, texts that did not change copied from yesterday:
  nlu-lite predict en.embed.minilm_l6 --input tue/ --column body \\
      --output tue-vectors/ --key id --reuse mon-vectors/

  Shared by two machines, here the first of them; the other one says 1/2:
  nlu-lite predict en.embed.minilm_l6 --input tue/ --column body \\
      --output tue-vectors/ --shard 0/2

input (--input): .parquet, .csv, .tsv, .jsonl, .json, .txt (a text a line), all
but Parquet also with .gz; a folder of such files of one kind; or an address
such as s3://bucket/folder. Other columns are carried into the output. CSV of
Spark: --escape '\\'. TSV of a database: --quoting none --escape '\\'.

output (--output): by the ending .csv, .jsonl or .parquet, which appears when it
is whole; without an ending, or with a / at the end, a folder of parts. Without
--output: a table on a terminal, otherwise CSV. In CSV a vector is a JSON array
with all digits of its float32 numbers. The column origin_index is the number of
the text, from 0 on. Parquet needs pyarrow: pip install 'nlu-lite[arrow]'

{exit_codes.HELP}
"""

SEARCH = "list the references that match some words"
SEARCH_EXAMPLES = f"""examples:
  nlu-lite search                              the recommended ones first
  nlu-lite search small bert                   both words in reference or model
  nlu-lite search --lang fr --task embed --max-size-mb 500
  nlu-lite search --local                      what is on this machine
  nlu-lite search --format jsonl > all.jsonl   everything, for a program

A reference is what predict, show, download and verify take.
The likeliest come first: an exact name, what is on this machine, what is
recommended. A size after "~" is computed from the shape of the model; "?" is
unknown. "mapped" means that nobody has opened the model yet. CSV and JSON lines
have more columns.
{exit_codes.HELP}
"""

SHOW = "what is known about references"
SHOW_EXAMPLES = f"""examples:
  nlu-lite show en.embed.bert.small_L12_256
  nlu-lite show bert sentence-transformers/all-MiniLM-L6-v2   an alias; a hub id
{exit_codes.HELP}
"""

FIND = "look for the model of a name of NLU on the hub"
FIND_EXAMPLES = f"""examples:
  nlu-lite find en.ner.bert.by_vera_pro   ids of the hub that go with the name

  The one exact match into own.yaml, from where it loads while
  NLU_LITE_REGISTRY names the file:
  NLU_LITE_REGISTRY=own.yaml nlu-lite find en.ner.bert.by_vera_pro --write

Thousands of NLU's names stand for somebody's model of the hub and do not say
which. Ids of the hub are compared with the name as Spark NLP spells them.
"exact" is the same but for capitals and signs; "near" differs in a word such as
bert. An exact match is no proof: look at the model's page.

{exit_codes.HELP} (1 also where nothing goes
with the name; with --write where not exactly one id matches exactly)
"""

DOWNLOAD = "fetch the weights of references, for use without a network"
DOWNLOAD_EXAMPLES = f"""examples:
  nlu-lite download en.embed.bert.small_L12_256            into the cache
  nlu-lite download en.embed.bert.small_L12_256 --update   a newer revision
  nlu-lite download en.embed.minilm_l6 --to models         for predict --path

Prints a line for each reference: its name, a tab, its folder.
{exit_codes.HELP}
"""

VERIFY = "compare references with what is published about them"
VERIFY_EXAMPLES = f"""examples:
  nlu-lite verify en.embed.bert.small_L12_256   configuration and vectors
  nlu-lite verify --all --config-only           those whose weights are here
  nlu-lite verify --all --format csv > report.csv
  nlu-lite verify --all --fetch --disk 20GB --write > report.csv   in a night

{exit_codes.HELP} (1 also where a check fails)
"""

MIGRATE = """Reads code that was written for NLU (import nlu), without running it, and says
of each cell of a notebook, or each group of statements of a .py file, what of
it works with `import nlu_lite.compat as nlu`:

  works                         as it is
  works with this changed line  "-" before, "+" after; "without" names parts of
                                a request that are not served
  cannot work                   why, and the nearest thing that does
  known only when it runs       what the code alone does not tell, such as a
                                request out of a file
"""
MIGRATE_EXAMPLES = f"""examples:
  nlu-lite migrate notebook.ipynb               say what works
  nlu-lite migrate --write notebook.ipynb       also notebook.nlu_lite.ipynb
  nlu-lite migrate --write --force src/*.py     ... where copies exist already

The copy is written beside the file, which is not touched. Lines that cannot
work are comments in it, with the reason; outputs of changed cells are removed.

exit codes: {exit_codes.DONE} everything works, perhaps with changes;
{exit_codes.FAILURE} something cannot work, is not known, or a file cannot be read;
{exit_codes.USAGE} wrong usage
"""
