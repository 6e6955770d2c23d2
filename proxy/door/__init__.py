"""The front door: every request comes in here and is passed to Pyroscope or to our own application.

The rules, in plain words:

- A head is parsed strictly (llhttp), checked, and written anew from what was parsed. Nothing that
  was not understood travels on, so two servers can never disagree about where a message ends.
- A body is moved as bytes under flow control: a side that cannot take more stops the other side's
  reading. No body is held beyond a bounded buffer.
- Requests of one connection are answered in the order in which they came.
- Once the first byte of an answer has gone to the client, an answer is either finished or visibly
  broken off. It is never silently short.
- A request is sent a second time only when a kept-alive connection died under it before a byte of
  an answer came, the request is safe to repeat, and all of it is still at hand.

https://www.rfc-editor.org/rfc/rfc9110 (semantics), https://www.rfc-editor.org/rfc/rfc9112 (HTTP/1.1)
"""
