-- Compares the open project with what OscLooper was asked to build, and prints PASS or FAIL line by line.
-- Run it inside REAPER: Actions > Show action list > New action > Load ReaScript. It changes nothing.
-- What was asked for lies in the project itself: EXTSTATE, section OSCLOOPER, keys CHECKS and CHECK_1 ... (Build/Expectations.cs).

local SECTION = "OSCLOOPER"
local passed, failed = 0, 0

local function say(ok, text)
  if ok then passed = passed + 1 else failed = failed + 1 end
  reaper.ShowConsoleMsg((ok and "PASS  " or "FAIL  ") .. text .. "\n")
end

local function decode(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

local function fields(line)
  local list = {}
  for field in (line .. "|"):gmatch("([^|]*)|") do list[#list + 1] = field end
  return list
end

local function near(a, b, tolerance)
  return a ~= nil and b ~= nil and math.abs(a - b) <= (tolerance or 1e-6)
end

local function number(value)
  return string.format("%.9g", value or 0)
end

-- Says what was asked for, and what is there where it differs.
local function compare(what, asked, found, tolerance)
  local ok
  if type(asked) == "number" then ok = near(asked, found, tolerance) else ok = asked == found end
  local shown = type(asked) == "number" and number(asked) or '"' .. tostring(asked) .. '"'
  if ok then return say(true, what .. " is " .. shown) end
  local there = type(found) == "number" and number(found) or '"' .. tostring(found) .. '"'
  say(false, what .. " should be " .. shown .. ", is " .. there)
end

local checks = {}

-- tempo|seconds|beat|bpm|numerator|denominator|ramp
local tempoIndex = 0
function checks.tempo(f)
  local seconds, beat, bpm, top, bottom = tonumber(f[2]), tonumber(f[3]), tonumber(f[4]), tonumber(f[5]), tonumber(f[6])
  tempoIndex = tempoIndex + 1
  local at = "tempo point " .. tempoIndex
  compare(at .. ": quarter notes at " .. number(seconds) .. " s", beat, reaper.TimeMap2_timeToQN(0, seconds), 1e-6)
  local n, d, tempo = reaper.TimeMap_GetTimeSigAtTime(0, seconds + 1e-6)
  if f[7] ~= "1" then compare(at .. ": tempo", bpm, tempo, 1e-3) end
  if top > 0 then
    compare(at .. ": beats in a bar", top, n)
    compare(at .. ": unit", bottom, d)
  end
end

-- markers|markers|regions
function checks.markers(f)
  local _, markers, regions = reaper.CountProjectMarkers(0)
  compare("markers", tonumber(f[2]), markers)
  compare("regions", tonumber(f[3]), regions)
end

-- master|volume|pan|effects
function checks.master(f)
  local master = reaper.GetMasterTrack(0)
  compare("master: volume", tonumber(f[2]), reaper.GetMediaTrackInfo_Value(master, "D_VOL"))
  compare("master: pan", tonumber(f[3]), reaper.GetMediaTrackInfo_Value(master, "D_PAN"))
  compare("master: effects", tonumber(f[4]), reaper.TrackFX_GetCount(master))
end

-- track|number|name|volume|pan|depth|items|receives|effects
function checks.track(f)
  local index = tonumber(f[2])
  local at = "track " .. index
  local track = reaper.GetTrack(0, index - 1)
  if not track then return say(false, at .. " is not there") end
  local _, name = reaper.GetSetMediaTrackInfo_String(track, "P_NAME", "", false)
  local asked = decode(f[3])
  -- Long names were cut; REAPER may keep line breaks in its own way.
  local found = name:gsub("\r\n", "\n"):sub(1, #asked)
  compare(at .. ": name", asked, found)
  compare(at .. ": volume", tonumber(f[4]), reaper.GetMediaTrackInfo_Value(track, "D_VOL"))
  compare(at .. ": pan", tonumber(f[5]), reaper.GetMediaTrackInfo_Value(track, "D_PAN"))
  compare(at .. ": folder depth", tonumber(f[6]), reaper.GetTrackDepth(track))
  compare(at .. ": items", tonumber(f[7]), reaper.CountTrackMediaItems(track))
  compare(at .. ": receives", tonumber(f[8]), reaper.GetTrackNumSends(track, -1))
  compare(at .. ": effects", tonumber(f[9]), reaper.TrackFX_GetCount(track))
end

-- item|track|number|position|length|notes (-1: not MIDI). REAPER sorts items, so the place counts, not the number.
function checks.item(f)
  local at = "track " .. f[2] .. ", item " .. f[3]
  local track = reaper.GetTrack(0, tonumber(f[2]) - 1)
  local position, length, notes = tonumber(f[4]), tonumber(f[5]), tonumber(f[6])
  local wrongNotes
  for i = 0, (track and reaper.CountTrackMediaItems(track) or 0) - 1 do
    local item = reaper.GetTrackMediaItem(track, i)
    if near(position, reaper.GetMediaItemInfo_Value(item, "D_POSITION")) and near(length, reaper.GetMediaItemInfo_Value(item, "D_LENGTH")) then
      if notes < 0 then return say(true, at .. " lies at " .. number(position) .. " s") end
      local take = reaper.GetActiveTake(item)
      local count = -1
      if take and reaper.TakeIsMIDI(take) then
        local _, n = reaper.MIDI_CountEvts(take)
        count = n
      end
      if count == notes then return say(true, at .. " lies at " .. number(position) .. " s with " .. notes .. " notes") end
      wrongNotes = count
    end
  end
  if wrongNotes then say(false, at .. " should have " .. notes .. " notes, has " .. wrongNotes)
  else say(false, at .. " should lie at " .. number(position) .. " s, " .. number(length) .. " s long; nothing lies there") end
end

local function run()
  reaper.ShowConsoleMsg("OscLooper: what was asked for, and what this project holds\n")
  local _, count = reaper.GetProjExtState(0, SECTION, "CHECKS")
  count = tonumber(count)
  if not count then
    say(false, "this project was not built by OscLooper (no section " .. SECTION .. " in it)")
    return
  end
  local tracks = 0
  for i = 1, count do
    local _, line = reaper.GetProjExtState(0, SECTION, "CHECK_" .. i)
    local f = fields(line)
    if f[1] == "track" then tracks = tracks + 1 end
    local check = checks[f[1]]
    if check then check(f) else say(false, "a check this script does not know: " .. line) end
  end
  compare("number of tracks", tracks, reaper.CountTracks(0))
end

run()
reaper.ShowConsoleMsg((failed == 0 and "ALL WELL: " or "NOT WELL: ") .. passed .. " passed, " .. failed .. " failed\n")
