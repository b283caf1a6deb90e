"""What only AWS can do to a client, by vendor `aws`."""

FAULTS = {
    "partial": "dynamodb:BatchWriteItem, sqs:SendMessageBatch, s3:DeleteObjects: the second half does not happen",
    "duplicate": "`sns:notify <topic>`: the notification is posted twice under one id",
    "reorder": "`sns:notify <topic>`: the notification is held back for `seconds`, so that later ones pass it",
    "lost": "`sns:notify <topic>`: the notification is never posted",
}
