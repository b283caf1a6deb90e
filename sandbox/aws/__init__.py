"""AWS on loopback: one process, one port, one endpoint URL for every service.

What it is made of (`routing.py` has the table, service by service):

- **ministack**, hosted inside this process (`backend.py`), keeps the resources of most services and runs functions,
  HTTP APIs and CloudFront functions. `patches.py` lists every place where it is bent; `consequences.py` and
  `services/` hold what follows from a call or is answered differently.
- **The edge** (`app.py`) checks signatures, decides who calls and for which account, enforces IAM policies,
  boundaries, session policies and service control policies (`guard.py`, `policy.py`), injects faults, and routes data
  planes by host.
- **Own services**: STS, Organizations, IVS and its chat, Service Quotas, Cost Explorer, Application Auto Scaling,
  account contacts, the account-wide public access block, SES identities and sending, AWS Backup's recovery points,
  DynamoDB's point-in-time recovery.
- moto is not needed; the contract tests ask it the same questions as a second opinion.

Addresses:

    services          http://127.0.0.1:PORT
    HTTP APIs         http://<api>.execute-api.localhost:PORT/<stage>/… , or /_aws/execute-api/<api>/<stage>/…
    distributions     <label or id>.cloudfront.localhost:PORT, and their aliases by Host
    websites          <bucket>.s3-website.<region>.localhost:PORT
    events            <api>.appsync-api.<region>.localhost:PORT and <api>.appsync-realtime-api.<region>.localhost:PORT
    chat              edge.ivschat.<region>.localhost:PORT
    pool keys         /<pool>/.well-known/jwks.json
    control routes    /_sim/… (bearer control_token)

What survives a crash: everything that was acknowledged. Own state is written to `aws/state.sqlite` and
`aws/timeline.sqlite` before the answer. The backend saves itself only when it is stopped properly; so `keeper.py`
commits the changed entries of the account to `aws/backend.sqlite` before the answer, and S3 bodies are files. What
services do on their own (deliveries, log lines, metrics, messages taken by a poller) follows within a second: a message
that was being delivered may be delivered again. Not kept: open WebSockets, multipart uploads that were not completed,
and the warm workers of functions. There is nothing to re-seed.
"""
