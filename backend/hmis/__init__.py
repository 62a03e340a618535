"""The made-up HMIS: its login screen, its Reset Password screen, and what one sees when one is in."""
