using System.Security.Cryptography;
using OscLooper.Reaper.Plugins;
using OscLooper.Reaper.Rpp;
using OscLooper.Reaper.Song;

namespace OscLooper.Reaper.Build;

/// <summary>A built project, and what its user should know.</summary>
sealed record BuiltProject(RppDocument Document, IReadOnlyList<string> Warnings, int Tracks);

/// <summary>Builds a project from a song. The same song and seed give the same bytes on every system.</summary>
sealed class SongBuilder
{
    /// <summary>The time written into a seeded project's first line, so that it does not change from build to build.</summary>
    const long SeededUnixSeconds = 1_700_000_000;

    /// <summary>MIDI flags of a send without MIDI: source channel 31 (facts: rpp-format, AUXRECV field 11).</summary>
    const int NoMidi = 31;

    readonly SongDefinition song;
    readonly TempoMap map;
    readonly GuidSource guids;
    readonly ItemBuilder items;
    readonly ChainBuilder chains;
    readonly List<string> warnings = [];
    readonly long unixSeconds;

    SongBuilder(SongDefinition song, PluginRegistry registry, long? seed)
    {
        this.song = song;
        map = TempoMap.Of(song.Meta);
        guids = new(seed is { } s ? (ulong)s : BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)));
        unixSeconds = seed is null ? DateTimeOffset.UtcNow.ToUnixTimeSeconds() : SeededUnixSeconds;
        items = new(map, guids, warnings.Add);
        chains = new(registry, guids, warnings.Add);
    }

    /// <summary>The project of a checked song; without a seed every build has other GUIDs.</summary>
    public static BuiltProject Build(SongDefinition song, PluginRegistry registry, long? seed = null)
    {
        var builder = new SongBuilder(song, registry, seed);
        return new(builder.Build(), builder.warnings, song.AllTracks().Count());
    }

    RppDocument Build()
    {
        WarnSignatures();
        WarnNames();
        var project = ProjectHeader.Begin(song, map, unixSeconds);
        ProjectHeader.Master(project, song, map, (chain, plugins) => chains.Fill(chain, plugins, "master"));
        ProjectHeader.Timeline(project, song, map, guids);
        var tracks = new List<(SongTrack Track, int Depth)>();
        Flatten(song.Tracks, 0, tracks);
        var receives = Receives(tracks);
        for (var i = 0; i < tracks.Count; i++)
        {
            var next = i + 1 < tracks.Count ? tracks[i + 1].Depth : 0;
            project.Add(Track(tracks[i].Track, next - tracks[i].Depth, receives[i]));
        }
        project.Add(RppBlock.Of("EXTENSIONS"));
        project.Add(RppBlock.Of("EXTSTATE")).Add(Expectations.Of(song, map));
        var document = new RppDocument();
        document.Roots.Add(project);
        return document;
    }

    static void Flatten(List<SongTrack> tracks, int depth, List<(SongTrack, int)> into)
    {
        foreach (var track in tracks)
        {
            into.Add((track, depth));
            Flatten(track.Tracks, depth + 1, into);
        }
    }

    /// <summary>For each track what it receives: a send stands in the receiving track and names the source by its index.</summary>
    List<List<(int Source, SongSend Send)>> Receives(List<(SongTrack Track, int)> tracks)
    {
        var index = tracks.Select((t, i) => (t.Track, i)).ToDictionary(t => t.Track, t => t.i);
        var targets = SongChecks.Targets(song);
        var receives = tracks.Select(_ => new List<(int, SongSend)>()).ToList();
        for (var i = 0; i < tracks.Count; i++)
            foreach (var send in tracks[i].Track.Sends)
            {
                if (!targets.TryGetValue(send.To, out var target)) throw new RppError($"no one track \"{send.To}\" to send to");
                receives[index[target]].Add((i, send));
            }
        return receives;
    }

    RppBlock Track(SongTrack track, int depthChange, List<(int Source, SongSend Send)> receives)
    {
        var id = guids.Next();
        var block = RppBlock.Of("TRACK", id);
        block.AddString("NAME", track.Name);
        block.Add("PEAKCOL", track.Color is null ? 16576 : SongUnits.Color(track.Color)).Add("BEAT", -1).Add("AUTOMODE", 0).Add("PANLAWFLAGS", 3)
            .Add("VOLPAN", track.Gain(), track.Pan ?? 0, -1, -1, 1).Add("MUTESOLO", track.Mute == true ? 1 : 0, track.Solo == true ? 2 : 0, 0)
            .Add("IPHASE", track.PhaseInvert == true ? 1 : 0).Add("PLAYOFFS", 0, 1)
            .Add("ISBUS", depthChange > 0 ? 1 : depthChange < 0 ? 2 : 0, depthChange).Add("BUSCOMP", 0, 0, 0, 0, 0)
            .Add("SHOWINMIX", 1, 0.6667, 0.5, 1, 0.5, 0, 0, 0, 0).Add("FIXEDLANES", 9, 0, 0, 0, 0).Add("SEL", 0).Add("REC", 0, 0, 1, 0, 0, 0, 0, 0)
            .Add("VU", 2).Add("TRACKHEIGHT", 0, 0, 0, 0, 0, 0, 0).Add("INQ", 0, 0, 0, 0.5, 100, 0, 0, 100)
            .Add("NCHAN", Channels(track, receives)).Add("FX", 1).Add("TRACKID", id).Add("PERF", 0);
        foreach (var (source, send) in receives)
        {
            var mode = send.Mode switch { "pre_fx" => 1, "pre_fader" => 3, _ => 0 };
            block.Add("AUXRECV", source, mode, send.Gain(), send.Pan ?? 0, send.Mute == true ? 1 : 0, 0, 0, send.Audio == false ? -1 : (send.FromChannel ?? 1) - 1, (send.ToChannel ?? 1) - 1, "-1:U", send.Midi == false ? NoMidi : 0, -1, new RppVerbatim("''"));
        }
        block.Add("MIDIOUT", -1).Add("MAINSEND", track.MainSend == false ? 0 : 1, 0);
        if (track.Plugins.Count > 0) chains.Fill(block.Add(RppBlock.Of("FXCHAIN")), track.Plugins, track.Role ?? "");
        foreach (var clip in track.Clips) block.Add(items.Build(clip, track.Name));
        return block;
    }

    /// <summary>As many as were asked for, and as its sends take and bring: a side chain on 3 needs four.</summary>
    static int Channels(SongTrack track, List<(int Source, SongSend Send)> receives)
    {
        var most = track.TrackChannels ?? 2;
        foreach (var send in track.Sends) most = Math.Max(most, (send.FromChannel ?? 1) + 1);
        foreach (var (_, send) in receives) most = Math.Max(most, (send.ToChannel ?? 1) + 1);
        return (most + 1) / 2 * 2;
    }

    void WarnSignatures()
    {
        var (bar, beat) = (0.0, 0.0);
        var length = 0.0;
        foreach (var point in map.Points)
        {
            if (point.Signature is not { } s) continue;
            bar = length == 0 ? 0 : (point.Beat - beat) / length;
            if (Math.Abs(bar - Math.Round(bar)) > 1e-9) warnings.Add($"the signature changes at beat {RppNumber.Format(point.Beat)}, inside a bar: REAPER will make a short bar there");
            (beat, length) = (point.Beat, 4.0 * s.Numerator / s.Denominator);
        }
    }

    void WarnNames()
    {
        foreach (var name in song.Markers.Select(m => m.Name).Concat(song.Regions.Select(r => r.Name)))
            if (name is not null && RppText.NeedsBlock(name) && name.Length < 1000)
                warnings.Add($"the marker name \"{RppText.WithPlainLineEnds(name).Replace('\n', ' ')}\" has a line break or all three quotes, which REAPER cannot keep in a marker");
    }
}
