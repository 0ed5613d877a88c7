"""Stands in for the process that computes maps: the test says how far it is."""

import numpy as np

from sslcore.evaluation.placing import place_by_neighbours
from sslcore.evaluation.projected import Faithfulness, Projection
from sslcore.evaluation.projection_child import ProjectionError
from sslcore.evaluation.projection_job import Place

FAITH = Faithfulness(0.97, 0.94, 15, 500)


class Server:
    """Takes jobs and leaves them to the test."""

    made = ()

    def __init__(self):
        self.started, self.closed, self.ready = False, False, True
        self.jobs, self.dropped = [], []
        Server.made += (self,)

    def start(self):
        self.started = True

    def submit(self, job):
        job.take_up(lambda: self.dropped.append(job))
        self.jobs.append(job)
        return job

    def close(self, wait=True):
        self.closed = True


def jobs():
    """All that any server was given, oldest first."""
    return [job for server in Server.made for job in server.jobs]


def finish(job, note=""):
    """Answer a job as the child would."""
    if isinstance(job, Place):
        job.finish("done", answer=place_by_neighbours(job.features, job.layout, job.queries) + 0.5)
        return
    points = np.ascontiguousarray(job.features[:, 3 : 3 + job.settings.dimensions] * 2)
    job.finish("done", answer=Projection(points, job.settings.kind, note, FAITH, 2.0))


def fail(job, reason):
    job.finish("failed", error=ProjectionError(reason))
