# M/M/1 and the network of eight stations in simmer: prints thousands of customers and of requests a second of processor time, then the mean response of each in ms.
suppressPackageStartupMessages(library(simmer))
arguments <- as.integer(commandArgs(trailingOnly = TRUE))

exponential <- function(mean) function() rexp(1, 1 / mean)
serve <- function(path, name, mean) path |> seize(name) |> timeout(exponential(mean)) |> release(name)

played <- function(count, rate, path, sizes) {
  set.seed(1)
  env <- simmer()
  for (name in names(sizes)) env <- add_resource(env, name, sizes[[name]], mon = FALSE)
  gaps <- rexp(count, rate)
  env <- add_generator(env, "request", path, at(cumsum(gaps)), mon = 1)
  started <- proc.time()[["user.self"]]
  run(env)
  seconds <- proc.time()[["user.self"]] - started
  seen <- get_mon_arrivals(env)
  cat(count / seconds / 1000, mean(seen$end_time - seen$start_time), "\n")
}

mm1 <- trajectory() |> serve("server", 1)
played(arguments[1], 0.8, mm1, list(server = 1))

# Who was answered goes on as the job that was left behind: here the mean is that of both together.
eight <- trajectory() |>
  seize("api") |>
  timeout(exponential(2)) |>
  serve("auth", 14) |>
  serve("cache", 0.5) |>
  branch(function() if (runif(1) < 0.2) 1 else 0, continue = TRUE, trajectory() |> seize("pool") |> serve("db", 35) |> release("pool")) |>
  serve("broker", 0.1) |>
  release("api") |>
  serve("workers", 4) |>
  serve("notify", 8)
played(arguments[2], 0.9, eight, list(api = 50, auth = 16, cache = 64, pool = 20, db = 8, broker = 4, workers = 4, notify = 10))
