"""The broker that calls workers to a queue: Celery over RabbitMQ."""
