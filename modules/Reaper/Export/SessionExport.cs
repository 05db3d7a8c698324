using OscLooper.Dsp;
using OscLooper.Reaper.Build;
using OscLooper.Reaper.Plugins;
using OscLooper.Reaper.Rpp;
using OscLooper.Reaper.Song;

namespace OscLooper.Reaper.Export;

/// <summary>Writes a session as a project: the sound files copied beside it, the song it was built from, and the project.</summary>
static class SessionExport
{
    /// <summary>Writes folder/NAME.rpp, folder/NAME.song.json and folder/Media; files of the session are found in its own folder. Throws nothing but <see cref="RppError"/>.</summary>
    public static (string Project, BuiltProject Built) Write(SessionModel session, string sessionFolder, string folder, long? seed = null, Action<double>? progress = null)
    {
        var media = new Dictionary<SessionLoop, (string From, string Name, double Seconds)>(ReferenceEqualityComparer.Instance);
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var channel in session.Channels)
            foreach (var loop in channel.Loops.Where(l => l.File is not null && l.Events is null))
            {
                var from = loop.Source is { } kept ? Present(kept) : Inside(sessionFolder, loop.File!);
                var name = FileName($"{channel.Number:D2} {(channel.Name.Length > 0 ? channel.Name : "channel")} scene {loop.Scene}{(loop.IsOld ? $" layer {loop.Tape}" : "")}");
                var extension = Path.GetExtension(from).ToLowerInvariant();
                while (!taken.Add(name + extension)) name += "_";
                media[loop] = (from, name + extension, loop.Seconds ?? Seconds(from));
            }
        var song = SessionSong.Of(session, l => media[l].Seconds, (_, l) => "Media/" + media[l].Name);
        var registry = PluginRegistry.Load();
        try { song = SongJson.Read(SongJson.Write(song), registry); }
        catch (SongException e) { throw new RppError("the session does not fit into a song: " + e.Message); }
        var built = SongBuilder.Build(song, registry, seed);
        return ProjectFiles.Guard(() =>
        {
            Directory.CreateDirectory(Path.Combine(folder, "Media"));
            var done = 0;
            foreach (var (from, name, _) in media.Values)
            {
                ProjectFiles.Write(Path.Combine(folder, "Media", name), output => { using var input = RegularFile.OpenRead(from); input.CopyTo(output); });
                progress?.Invoke(++done / (media.Count + 1.0));
            }
            var project = Path.Combine(folder, FileName(session.Name) + ".rpp");
            ProjectFiles.Write(Path.ChangeExtension(project, ".song.json"), output => output.Write(RppText.Utf8.GetBytes(SongJson.Write(song))));
            ProjectFiles.Write(project, built.Document.Write);
            progress?.Invoke(1);
            return (project, built);
        });
    }

    /// <summary>A session names files of its own folder only.</summary>
    static string Inside(string folder, string file)
    {
        var root = Path.GetFullPath(folder);
        var path = Path.GetFullPath(Path.Combine(root, file));
        if (!path.StartsWith(root.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal)) throw new RppError($"{file} lies outside the session's folder");
        return Present(path);
    }

    static string Present(string path) => File.Exists(path) ? path : throw new RppError($"the session's file {Path.GetFileName(path)} is not there");

    static double Seconds(string path)
    {
        try
        {
            using var reader = SoundFile.Open(path);
            return reader.Info.Frames > 0 ? reader.Info.Frames / (double)reader.Info.Rate : throw new RppError($"{Path.GetFileName(path)} is empty");
        }
        catch (Exception e) when (e is SoundFileException or IOException or UnauthorizedAccessException) { throw new RppError($"{Path.GetFileName(path)}: {e.Message}"); }
    }

    /// <summary>A name every system takes: letters, digits, space, dot, dash and underscore.</summary>
    static string FileName(string text)
    {
        var name = new string([.. text.Select(c => char.IsLetterOrDigit(c) || c is ' ' or '.' or '-' or '_' ? c : '_')]).Trim(' ', '.');
        return name.Length == 0 ? "session" : name.Length > 100 ? name[..100] : name;
    }
}
