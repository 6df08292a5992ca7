"""The one HTTP entrance: webhooks, pages, health."""
