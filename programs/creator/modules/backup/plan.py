"""A copy of every table that holds data, each night, beside the tables' own point-in-time recovery."""

from programs.creator.plan import Function, Probe, Table

TABLES: tuple[Table, ...] = ()
FUNCTIONS: tuple[Function, ...] = ()
PROBES: tuple[Probe, ...] = ()

NIGHTLY = "cron(0 3 * * ? *)"
SUNDAYS = "cron(0 4 ? * SUN *)"
MARK = ("backup", "true")  # the tag of what is copied
COPY = ("dynamodb:DescribeTable", "dynamodb:CreateBackup", "dynamodb:ListTagsOfResource", "dynamodb:StartAwsBackupJob")
OLD = ("dynamodb:DescribeBackup", "dynamodb:DeleteBackup", "dynamodb:RestoreTableFromAwsBackup")
VAULT = ("backup:DescribeBackupVault", "backup:CopyIntoBackupVault")
KEY = ("kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey", "kms:CreateGrant")
