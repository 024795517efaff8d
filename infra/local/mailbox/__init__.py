"""A mailbox that answers SES where a mail would leave, keeps what it is given, and reports as SES does."""
