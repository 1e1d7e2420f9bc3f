-- One exchange of a process with all others that share the budgets of an
-- organization; see ratelimit.Store. It goes by the clock of Redis alone: what
-- processes tell is how long ago something was. Times are in milliseconds.
--
-- KEYS  1 common   hash: epoch, ver, clock, lost, calls, leased, seq, trial, waiting, keep, kept
--       2 known    hash of learned limits: "mask:window" -> "calls:shown:at"
--       3 members  hash of processes: name -> "leased:told", three numbers each
--       4 ends     sorted set of processes, by when their lease is over or they are forgotten
--       5 fine     list of answered calls as they were told: "seq:by:at:reads:writes:creates:told"
--       6 coarse   list of those of longer ago: "at:reads:writes:creates"
-- ARGV  1 the report, JSON; 2 the channel on which who waits is woken
local common, known, members, ends, fine, coarse = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local report, channel = cjson.decode(ARGV[1]), ARGV[2]
local me = report.by

local settling = 1000          -- how long after a loss all have to tell what they know
local longestShort = 61000     -- window that is waited for after a loss
local recent = 15000           -- calls of longer ago are kept by the second
local longAgo = 120000         -- and these by the minute
local mostFine = 2000          -- entries
local mostKnown = 64           -- limits
local remembered = 30 * 86400000

local function numbers(text)
  local all = {}
  for n in string.gmatch(text or '', '[^:]+') do all[#all + 1] = tonumber(n) end
  return all
end
local function three(text)
  local all = numbers(text)
  return { all[1] or 0, all[2] or 0, all[3] or 0 }
end
local function text(calls) return string.format('%d:%d:%d', calls[1], calls[2], calls[3]) end
local function some(calls) return calls[1] + calls[2] + calls[3] > 0 end
-- within returns the calls that a mask of classes holds: 1 reads, 2 writes, 4 creates.
local function within(mask, r, w, c)
  local n = 0
  if mask % 2 >= 1 then n = n + r end
  if mask % 4 >= 2 then n = n + w end
  if mask >= 4 then n = n + c end
  return n
end

-- tell returns who was woken. Who may not wake others does without: they come when
-- leases are over.
local function tell(message)
  local heard = redis.pcall('PUBLISH', channel, message)
  return type(heard) == 'number' and heard or 0
end
-- kept returns how much there is. Where a part was thrown away, what is left makes
-- no sense: leases that nobody ends, calls that count for nobody.
local function kept()
  return string.format('%d:%d:%d:%d', redis.call('HLEN', members), redis.call('ZCARD', ends), redis.call('LLEN', fine), redis.call('LLEN', coarse))
end

-- The clock never runs backwards. One that was set back by much makes no sense of
-- what is kept, and neither does a Redis that began again with what it had saved
-- before it answered this process.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local state = {}
local flat = redis.call('HGETALL', common)
for i = 1, #flat, 2 do state[flat[i]] = flat[i + 1] end
local clock = tonumber(state.clock or now)
local leapt = clock > now + 60000
if leapt then redis.call('DEL', known) end
if leapt or state.kept and state.kept ~= kept() or report.epoch == state.epoch and report.seen > tonumber(state.seq or 0) then
  state = {}
elseif clock > now then
  now = clock
end

-- Without what was kept, all begin anew and tell again what they know. Who has
-- more to tell than in this report comes again. What was made by those who have
-- ended since, nobody tells.
local woken, begun = false, not state.epoch
if begun then
  redis.call('DEL', common, members, ends, fine, coarse)
  state = { epoch = string.format('%.0f-%s', now, me), ver = '1' }
end
local stranger = report.epoch ~= '' and report.epoch ~= state.epoch
if begun and (tell(me .. ' anew') > 0 or stranger) or stranger and not state.lost then
  state.lost = string.format('%.0f', now)
end
if stranger then
  redis.call('HSET', common, 'epoch', state.epoch, 'ver', state.ver, 'lost', state.lost)
  redis.call('PEXPIRE', common, 3600000)
  return { 'anew', state.epoch }
end

local ver = tonumber(state.ver)
local calls, leased = three(state.calls), three(state.leased)
local seq = tonumber(state.seq or 0)
local keep = math.min(math.max(report.keep, tonumber(state.keep or 0), 3600000), 49 * 3600000)
local added = {}
local function add(by, at, r, w, c)
  if r + w + c <= 0 then return end
  seq = seq + 1
  added[#added + 1] = string.format('%d:%s:%.0f:%d:%d:%d:%.0f', seq, by, at, r, w, c, now)
  calls = { calls[1] + r, calls[2] + w, calls[3] + c }
end

-- The leases of processes that were not heard of count as made.
local function member(name)
  local all = numbers(redis.call('HGET', members, name))
  return { all[1] or 0, all[2] or 0, all[3] or 0 }, { all[4] or 0, all[5] or 0, all[6] or 0 }
end
for _, name in ipairs(redis.call('ZRANGEBYSCORE', ends, '-inf', now, 'LIMIT', 0, 1000)) do
  local lease, told = member(name)
  if some(lease) then
    local at = tonumber(redis.call('ZSCORE', ends, name))
    add(name, at, lease[1], lease[2], lease[3])
    for i = 1, 3 do
      leased[i] = leased[i] - lease[i]
      told[i] = told[i] + lease[i]
    end
    redis.call('HSET', members, name, '0:0:0:' .. text(told))
    redis.call('ZADD', ends, now + 3600000, name)
    woken = true
  else
    redis.call('HDEL', members, name)
    redis.call('ZREM', ends, name)
  end
end

-- What this process has made, but for what is known of it: a report may come twice.
local lease, told = member(me)
local fresh, free = {}, {} -- free are leased calls that were not made
for i = 1, 3 do
  fresh[i] = math.max(0, report.total[i] - told[i])
  leased[i] = math.max(0, leased[i] - lease[i])
  free[i] = lease[i] - fresh[i]
end
local mine = {}
for i = #report.spent, 1, -1 do
  local s = report.spent[i]
  local n = {}
  for k = 1, 3 do
    n[k] = math.min(fresh[k], s[k + 1])
    fresh[k] = fresh[k] - n[k]
  end
  mine[#mine + 1] = { math.min(now, now - s[1]), n[1], n[2], n[3] }
end
for i = #mine, 1, -1 do
  if now - mine[i][1] < keep then add(me, mine[i][1], mine[i][2], mine[i][3], mine[i][4]) end
end

-- What it has learned.
local changed = false
for _, d in ipairs(report.dropped) do
  local field = string.format('%d:%.0f', d[1], d[2])
  local old = redis.call('HGET', known, field)
  if old and numbers(old)[3] <= now - d[3] then
    redis.call('HDEL', known, field)
    changed = true
  end
end
for _, l in ipairs(report.limits) do
  local field, at = string.format('%d:%.0f', l[1], l[2]), now - math.max(0, l[5])
  local old = numbers(redis.call('HGET', known, field))
  local differs = old[1] ~= l[3] or old[2] ~= l[4]
  if now - at <= remembered and (not old[3] or at > old[3] and (differs or at > old[3] + 60000)) then
    if old[3] or redis.call('HLEN', known) < mostKnown then
      redis.call('HSET', known, field, string.format('%d:%d:%.0f', l[3], l[4], at))
      changed = changed or differs
    end
  end
end
local pauses = numbers(state.pauses)
for i = 1, 3 do
  pauses[i] = pauses[i] or 0
  local till = now + report.pauses[i]
  if report.pauses[i] > 0 and till > pauses[i] + 250 then
    pauses[i] = till
    changed = true
  end
end
if changed then
  ver = ver + 1
  woken = true
end

-- Calls that were told, the newest last. The old ones are joined.
for i = 1, #added, 1000 do redis.call('RPUSH', fine, unpack(added, i, math.min(i + 999, #added))) end
local entries = {}
local lines = redis.call('LRANGE', fine, 0, -1)
for i = 1, #lines do
  local s, by, at, r, w, c, when = string.match(lines[i], '(%d+):([^:]*):(%d+):(%d+):(%d+):(%d+):(%d+)')
  entries[i] = { tonumber(s), by, tonumber(at), tonumber(r), tonumber(w), tonumber(c), tonumber(when) }
end
local joined = {}
local floor = tonumber(state.floor or 0)
for _, line in ipairs(redis.call('LRANGE', coarse, 0, -1)) do joined[#joined + 1] = numbers(line) end
local due = 0
while due < #entries and (now - entries[due + 1][7] > recent or #entries - due > mostFine) do due = due + 1 end
if due > 64 or due > 0 and now - entries[1][7] > recent + 5000 or #joined > 0 and now - joined[1][1] > keep + 60000 then
  local cells, order = {}, {}
  local function put(at, r, w, c)
    if now - at > keep then return end
    local grid = 1000
    if now - at > longAgo then grid = 60000 end
    local name = grid .. ':' .. math.floor(at / grid)
    local cell = cells[name]
    if not cell then
      cell = { at, 0, 0, 0 }
      cells[name] = cell
      order[#order + 1] = cell
    end
    cell[1], cell[2], cell[3], cell[4] = math.max(cell[1], at), cell[2] + r, cell[3] + w, cell[4] + c
  end
  for _, e in ipairs(joined) do put(e[1], e[2], e[3], e[4]) end
  for i = 1, due do
    put(entries[i][3], entries[i][4], entries[i][5], entries[i][6])
    floor = math.max(floor, entries[i][1])
  end
  table.sort(order, function(a, b) return a[1] < b[1] end)
  redis.call('DEL', coarse)
  for i = 1, #order do
    redis.call('RPUSH', coarse, string.format('%.0f:%d:%d:%d', order[i][1], order[i][2], order[i][3], order[i][4]))
  end
  redis.call('LTRIM', fine, due, -1)
  local rest = {}
  for i = due + 1, #entries do rest[#rest + 1] = entries[i] end
  entries, joined = rest, order
end

-- What others have made since this process has heard of them.
local others, unheard, spent = {}, {}, {}
for i = 1, 3 do
  others[i] = calls[i] - math.max(report.total[i], told[i])
  unheard[i] = math.max(0, others[i] - report.heard[i])
end
for i = #entries, 1, -1 do
  local e = entries[i]
  if e[1] > report.seen and e[2] ~= me then
    spent[#spent + 1] = string.format('%.0f:%d:%d:%d', now - e[3], e[4], e[5], e[6])
  end
end
if report.seen < floor then
  local left = { unpack(unheard) }
  if report.first then left = { math.huge, math.huge, math.huge } end
  for _, line in ipairs(spent) do
    local s = numbers(line)
    for i = 1, 3 do left[i] = left[i] - s[i + 1] end
  end
  for i = #joined, 1, -1 do
    local e, n = joined[i], {}
    for k = 1, 3 do
      n[k] = math.max(0, math.min(left[k], e[k + 1]))
      left[k] = left[k] - n[k]
    end
    if some(n) then spent[#spent + 1] = string.format('%.0f:%s', now - e[1], text(n)) end
  end
end

-- What it may make.
local granted, hold = { 0, 0, 0 }, { 0, 0, 0 }
local waits = 0 -- for: 0 nothing that others do, 1 leased calls that are not made, 2 answers
local stale = report.ver ~= ver
local lost = tonumber(state.lost or 0)
local settled = lost + settling
local trial, trialEnds = state.trial or '', tonumber(state.trialEnds or 0)
if trial ~= '' and (trialEnds <= now or trial == me and not report.trying) then
  trial, woken = '', woken or trial == me
end

-- used returns how many calls of a budget count, and when they were answered.
local function used(b)
  if b[3] == 0 then return within(b[1], unheard[1], unheard[2], unheard[3]) end -- besides those that the process knows of
  local n, from = 0, now - b[3]
  for i = #entries, 1, -1 do
    local e = entries[i]
    if e[3] > from then n = n + within(b[1], e[4], e[5], e[6]) end
  end
  for i = #joined, 1, -1 do
    local e = joined[i]
    if e[1] <= from then break end
    n = n + within(b[1], e[2], e[3], e[4])
  end
  return n
end
-- unknown returns for how long a short window may hold calls that were lost and
-- that nobody tells. A refusal for a long one costs less than to wait for its end.
local function unknown(b)
  if b[3] > longestShort then return 0 end
  return lost + b[3] - now
end
-- opens returns in how long so many calls of a budget come back; nil: that is up
-- to calls without an answer.
local function opens(b, n)
  if b[3] == 0 then return used(b) >= n and 0 or nil end
  local times, from = {}, now - b[3]
  for _, e in ipairs(joined) do
    if e[1] > from then times[#times + 1] = { e[1], within(b[1], e[2], e[3], e[4]) } end
  end
  for _, e in ipairs(entries) do
    if e[3] > from then times[#times + 1] = { e[3], within(b[1], e[4], e[5], e[6]) } end
  end
  table.sort(times, function(x, y) return x[1] < y[1] end)
  for _, t in ipairs(times) do
    n = n - t[2]
    if n <= 0 then return math.max(1, t[1] + b[3] - now) end
  end
end

if #report.wanted > 0 and not stale then
  if now < settled then
    for _, want in ipairs(report.wanted) do hold[want[1] + 1] = settled - now end
  elseif report.trial and trial ~= '' and trial ~= me then
    for _, want in ipairs(report.wanted) do hold[want[1] + 1] = math.max(1, trialEnds - now) end
    waits = 2
  else
    local taken = {}
    for i = 1, 3 do taken[i] = leased[i] + report.under[i] end
    local room = {}
    for i, b in ipairs(report.budgets) do
      room[i] = b[2] - used(b) - within(b[1], taken[1], taken[2], taken[3])
      if unknown(b) > 0 then room[i] = math.min(room[i], 0) end
    end
    local more = true
    while more do -- in turns, so that no class keeps another away
      more = false
      for _, want in ipairs(report.wanted) do
        local class = want[1] + 1
        local bit = 2 ^ want[1]
        local fits = granted[class] < want[2]
        for i, b in ipairs(report.budgets) do
          if math.floor(b[1] / bit) % 2 == 1 and room[i] < 1 then fits = false end
        end
        if fits then
          granted[class] = granted[class] + 1
          more = true
          for i, b in ipairs(report.budgets) do
            if math.floor(b[1] / bit) % 2 == 1 then room[i] = room[i] - 1 end
          end
        end
      end
    end
    for _, want in ipairs(report.wanted) do
      local class = want[1] + 1
      if granted[class] == 0 then
        for i, b in ipairs(report.budgets) do
          if math.floor(b[1] / 2 ^ want[1]) % 2 == 1 and room[i] < 1 then
            local back = opens(b, 1 - room[i])
            waits = math.max(waits, 1)
            if unknown(b) > 0 then
              back = math.max(back or 0, unknown(b))
            elseif not back or b[4] == 1 then
              back, waits = report.lease, 2
            end
            hold[class] = math.max(hold[class], back)
          end
        end
      end
    end
    if report.trial and some(granted) then trial = me end
  end
end
if trial == me then trialEnds = now + report.lease end

-- Its lease.
local mineNow = {}
for i = 1, 3 do
  mineNow[i] = report.under[i] + granted[i]
  leased[i] = leased[i] + mineNow[i]
  free[i] = free[i] - mineNow[i]
end
redis.call('HSET', members, me, text(mineNow) .. ':' .. text(report.total))
if some(mineNow) then
  redis.call('ZADD', ends, now + report.lease, me)
else
  redis.call('ZADD', ends, now + keep, me)
end

-- Who waits for others is woken when they have what it waits for.
local waiting = tonumber(state.waiting or 0)
if waiting == 2 and #added > 0 or waiting > 0 and math.max(unpack(free)) > 0 then woken = true end
if woken then
  tell(me)
  waiting = 0
end
waiting = math.max(waiting, waits)

if lost > 0 then redis.call('HSET', common, 'lost', string.format('%.0f', lost)) end
redis.call('HSET', common, 'epoch', state.epoch, 'ver', ver, 'clock', string.format('%.0f', now), 'calls', text(calls), 'leased', text(leased), 'seq', seq, 'floor', floor,
  'pauses', string.format('%.0f:%.0f:%.0f', pauses[1], pauses[2], pauses[3]), 'trial', trial,
  'trialEnds', string.format('%.0f', trialEnds), 'waiting', waiting, 'keep', string.format('%.0f', keep), 'kept', kept())
for _, key in ipairs({ common, members, ends, fine, coarse }) do redis.call('PEXPIRE', key, keep + 60000) end
redis.call('PEXPIRE', known, remembered)

local limits, remaining = {}, {}
if stale then
  flat = redis.call('HGETALL', known)
  for i = 1, #flat, 2 do
    local l = numbers(flat[i + 1])
    limits[#limits + 1] = string.format('%s:%d:%d:%.0f', flat[i], l[1], l[2], now - l[3])
  end
  for i = 1, 3 do remaining[i] = math.max(0, pauses[i] - now) end
end
local other = {}
for i = 1, 3 do other[i] = leased[i] - mineNow[i] end
return { 'ok', state.epoch, ver, seq, others, other, granted, hold, stale and 1 or 0, limits, remaining, spent,
  lost > 0 and now < lost + longestShort and 1 or 0 }
