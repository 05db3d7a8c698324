using System.Diagnostics;
using System.Globalization;
using System.Text;
using OscLooper.Reaper.Build;
using OscLooper.Reaper.Midi;
using OscLooper.Reaper.Rpp;

namespace OscLooper.Tests.Reaper;

/// <summary>clients/reaper/check_project.lua in a plain Lua, with a stand-in for REAPER's functions that holds what the project's lines say.</summary>
public class CheckProjectScriptTests
{
    [Test]
    public void A_built_project_passes_every_check()
    {
        var said = Run(Golden.Build().Document);
        Assert.That(said, Does.Contain("ALL WELL").And.Not.Contain("FAIL"), said);
        Assert.That(said.Split('\n').Count(l => l.StartsWith("PASS", StringComparison.Ordinal)), Is.GreaterThan(40));
        TestContext.Out.WriteLine(said.Split('\n').Last(l => l.Length > 0));
    }

    [Test]
    public void What_was_changed_fails_by_name()
    {
        var document = Golden.Build().Document;
        var tracks = document.Project!.Blocks("TRACK").ToList();
        tracks[1].Line("VOLPAN")!.Set(1, 0.1);
        tracks[1].Block("ITEM")!.Line("POSITION")!.Set(1, 1.0);
        tracks[3].Children.RemoveAll(c => c is RppLine l && l.Is("AUXRECV"));
        var said = Run(document);
        Assert.That(said.Split('\n').Where(l => l.StartsWith("FAIL", StringComparison.Ordinal)), Is.EqualTo(new[]
        {
            "FAIL  track 2: volume should be 1.41253754, is 0.1", "FAIL  track 2, item 1 should lie at 0 s, 2 s long; nothing lies there", "FAIL  track 4: receives should be 2, is 0",
        }));
        Assert.That(said, Does.Contain("NOT WELL"));
    }

    [Test]
    public void A_project_of_somebody_else_is_told_so()
    {
        var document = Golden.Build().Document;
        document.Project!.Children.RemoveAll(c => c is RppBlock { Name: "EXTSTATE" });
        Assert.That(Run(document), Does.Contain("was not built by OscLooper"));
    }

    static string Run(RppDocument document)
    {
        var lua = new[] { "lua5.4", "lua5.3", "lua" }.SelectMany(n => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(p => Path.Combine(p, n))).FirstOrDefault(File.Exists);
        if (lua is null) Assert.Ignore("no lua on this machine (lua5.4, lua5.3 or lua)");
        var script = Find("clients/reaper/check_project.lua");
        var fake = Path.GetTempFileName();
        try
        {
            File.WriteAllText(fake, StandIn(RppDocument.Parse(document.ToBytes()).Project!) + $"\ndofile([[{script}]])\n");
            using var process = Process.Start(new ProcessStartInfo(lua!, fake) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var said = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.That(process.ExitCode, Is.EqualTo(0), said);
            return said.ReplaceLineEndings("\n");
        }
        finally
        {
            File.Delete(fake);
        }
    }

    /// <summary>The functions the script asks, answered from the project's lines (not from what was asked of the builder).</summary>
    static string StandIn(RppBlock project)
    {
        var map = TempoMap.Of(project);
        var lua = new StringBuilder("local P = { ext = {}, tracks = {}, tempo = {} }\n");
        foreach (var line in project.Block("EXTSTATE")?.Block("OSCLOOPER")?.Children.OfType<RppLine>() ?? []) lua.Append(CultureInfo.InvariantCulture, $"P.ext[{Quote(line.Name)}] = {Quote(line.At(1)!)}\n");
        foreach (var p in map.Points) lua.Append(CultureInfo.InvariantCulture, $"P.tempo[#P.tempo + 1] = {{ {p.Seconds:R}, {p.Beat:R}, {p.Tempo:R}, {p.Signature?.Item1 ?? 0}, {p.Signature?.Item2 ?? 0} }}\n");
        var depth = 0;
        foreach (var track in project.Blocks("TRACK"))
        {
            lua.Append(CultureInfo.InvariantCulture, $"P.tracks[#P.tracks + 1] = {{ name = {Quote(track.String("NAME")!)}, vol = {track.Line("VOLPAN")!.Number(1):R}, pan = {track.Line("VOLPAN")!.Number(2):R}, depth = {depth}, ");
            lua.Append(CultureInfo.InvariantCulture, $"receives = {track.Lines("AUXRECV").Count()}, fx = {track.Block("FXCHAIN")?.Children.OfType<RppBlock>().Count() ?? 0}, items = {{\n");
            depth += (int)track.Line("ISBUS")!.Number(2);
            foreach (var item in track.Blocks("ITEM"))
            {
                var notes = item.Block("SOURCE") is { } source && MidiSource.TryRead(source, out var take, out _) ? take.Events.Count(e => (e.Data[0] & 0xf0) == 0x90 && e.Data[2] > 0) : -1;
                lua.Append(CultureInfo.InvariantCulture, $"  {{ D_POSITION = {item.Line("POSITION")!.Number(1):R}, D_LENGTH = {item.Line("LENGTH")!.Number(1):R}, notes = {notes} }},\n");
            }
            lua.Append("} }\n");
        }
        var regions = project.Lines("MARKER").Count(m => m.Number(4) == 1) / 2;
        lua.Append(CultureInfo.InvariantCulture, $$"""
            local master = { vol = {{project.Line("MASTER_VOLUME")!.Number(1):R}}, pan = {{project.Line("MASTER_VOLUME")!.Number(2):R}}, fx = {{project.Block("MASTERFXLIST")?.Children.OfType<RppBlock>().Count() ?? 0}} }
            local function segment(t) local found = 1; for i, p in ipairs(P.tempo) do if p[1] <= t + 1e-9 then found = i end end; return found end
            reaper = {
              ShowConsoleMsg = function(text) io.write(text) end,
              GetProjExtState = function(_, section, key) local v = section == "OSCLOOPER" and P.ext[key] or ""; return v ~= "" and 1 or 0, v end,
              TimeMap2_timeToQN = function(_, t) local p = P.tempo[segment(t)]; return p[2] + (t - p[1]) * p[3] / 60 end,
              TimeMap_GetTimeSigAtTime = function(_, t) local i = segment(t); local n, d = 0, 0; for k = i, 1, -1 do if P.tempo[k][4] > 0 then n, d = P.tempo[k][4], P.tempo[k][5]; break end end; return n, d, P.tempo[i][3] end,
              CountProjectMarkers = function() return {{project.Lines("MARKER").Count() - regions}}, {{project.Lines("MARKER").Count() - 2 * regions}}, {{regions}} end,
              GetMasterTrack = function() return master end,
              CountTracks = function() return #P.tracks end,
              GetTrack = function(_, i) return P.tracks[i + 1] end,
              GetMediaTrackInfo_Value = function(t, what) return what == "D_VOL" and t.vol or what == "D_PAN" and t.pan or error(what) end,
              GetSetMediaTrackInfo_String = function(t, what, _, set) assert(what == "P_NAME" and not set); return true, t.name end,
              GetTrackDepth = function(t) return t.depth end,
              GetTrackNumSends = function(t, kind) assert(kind == -1); return t.receives end,
              TrackFX_GetCount = function(t) return t.fx end,
              CountTrackMediaItems = function(t) return #t.items end,
              GetTrackMediaItem = function(t, i) return t.items[i + 1] end,
              GetMediaItemInfo_Value = function(item, what) return (assert(item[what], what)) end,
              GetActiveTake = function(item) return item end,
              TakeIsMIDI = function(take) return take.notes >= 0 end,
              MIDI_CountEvts = function(take) return true, take.notes, 0, 0 end,
            }
            setmetatable(reaper, { __index = function(_, name) error("the stand-in has no " .. name) end })
            """);
        return lua.ToString();
    }

    static string Quote(string text) => "\"" + string.Concat(Encoding.UTF8.GetBytes(text).Select(b => $"\\{b:D3}")) + "\"";

    static string Find(string path)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, path))) return Path.Combine(at.FullName, path);
        throw new FileNotFoundException(path);
    }
}
