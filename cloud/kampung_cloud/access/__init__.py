"""Who works with the system: accounts, their sessions, and what a route asks of whoever calls it.

Routes: ``from kampung_cloud.access.asking import ActorDep, needs``. Nothing is imported here, or every command would load the web server.
"""
