"""Asking a language model. `ask` looks an answer up, or buys it.

    ask ---- recordings, store         answers that are at hand
     |
     |------ forecast                  what buying the others would cost
     |
     |------ dispatch                  buying, one exchange each, many at once
     |        |-- line                 which request is next
     |        |-- admission, breaker   when it may be sent
     |        `-- client, limits       one exchange
     |
     `------ batch                     buying, in batches
              |-- batch_submit         what is missing goes out
              |-- batch_book           what is out
              `-- batch_api            the endpoint's side

ledger, budget, prices           what is on its way, what it may cost, and what it did cost
chat, requests, wire, reading    values: requests and answers, their form on the wire, and what they hold
progress, bell                   telling people; waiting
"""
