"""M/M/1 and the network of eight stations in SimPy: prints thousands of customers and of requests a second of processor time, then the mean response of each in ms."""
import random
import sys
import time

import simpy


def exponential(mean):
    return random.expovariate(1.0 / mean)


def played(requests, rate, make):
    """Seconds of processor time and mean response."""
    random.seed(1)
    env = simpy.Environment()
    begin = make(env)
    responses = []

    def arrivals():
        for _ in range(requests):
            yield env.timeout(exponential(1 / rate))
            env.process(begin(responses))

    env.process(arrivals())
    started = time.process_time()
    env.run()
    return time.process_time() - started, sum(responses) / len(responses)


def mm1(env):
    server = simpy.Resource(env, 1)

    def request(responses):
        came = env.now
        with server.request() as turn:
            yield turn
            yield env.timeout(exponential(1))
        responses.append(env.now - came)

    return request


def eight(env):
    sizes = {"api": 50, "auth": 16, "cache": 64, "pool": 20, "db": 8, "broker": 4, "workers": 4, "notify": 10}
    at = {name: simpy.Resource(env, size) for name, size in sizes.items()}

    def serve(name, mean):
        with at[name].request() as turn:
            yield turn
            yield env.timeout(exponential(mean))

    def job():
        yield from serve("workers", 4)
        yield from serve("notify", 8)

    def request(responses):
        came = env.now
        with at["api"].request() as thread:
            yield thread
            yield env.timeout(exponential(2))
            yield from serve("auth", 14)
            yield from serve("cache", 0.5)
            if random.random() < 0.2:
                with at["pool"].request() as connection:
                    yield connection
                    yield from serve("db", 35)
            yield from serve("broker", 0.1)
            env.process(job())
        responses.append(env.now - came)

    return request


customers, requests = int(sys.argv[1]), int(sys.argv[2])
for count, rate, make in ((customers, 0.8, mm1), (requests, 0.9, eight)):
    seconds, mean = played(count, rate, make)
    print(count / seconds / 1000, mean)
