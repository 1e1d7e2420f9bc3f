-- Tries each command that an exchange takes, on a key of its own, so that nobody
-- finds out in the middle of one that it may not be used. It returns the time of
-- Redis, and 1 if others can be told.
-- KEYS  1 a key
-- ARGV  1 the channel
local key = KEYS[1]
redis.call('DEL', key)
redis.call('HSET', key, 'a', '1')
redis.call('PEXPIRE', key, 60000) -- should one of the next fail
redis.call('HGET', key, 'a')
redis.call('HGETALL', key)
redis.call('HLEN', key)
redis.call('HDEL', key, 'a')
redis.call('ZADD', key, 1, 'a')
redis.call('ZSCORE', key, 'a')
redis.call('ZRANGEBYSCORE', key, '-inf', 1, 'LIMIT', 0, 1)
redis.call('ZCARD', key)
redis.call('ZREM', key, 'a')
redis.call('RPUSH', key, 'a')
redis.call('LRANGE', key, 0, -1)
redis.call('LLEN', key)
redis.call('LTRIM', key, 1, -1)
local time = redis.call('TIME')
local told = redis.pcall('PUBLISH', ARGV[1], 'look')
return { tonumber(time[1]), tonumber(time[2]), type(told) == 'number' and 1 or 0 }
