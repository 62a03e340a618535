"""The sandbox's database: tables, migrations, transactions."""
