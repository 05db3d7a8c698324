using OscLooper.Dsp;

namespace OscLooper.Enchanter;

/// <summary>[main] All profiles: those that come with the program, and the player's own files, which replace one of the same name.</summary>
static class Profiles
{
    const string Prefix = "OscLooper.Enchanter.profiles.";

    /// <summary>[main] The player's files lie in the first allowed folder, in here.</summary>
    internal const string Folder = "controllers";

    /// <summary>[main] Those of the program, by name; "generic" last, since it takes what no other knows.</summary>
    internal static IReadOnlyList<Profile> Shipped { get; } = [.. typeof(Profiles).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(".json", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
        .Select(name => ProfileReader.Read(Text(name[Prefix.Length..]), out var why, isOurs: true) ?? throw new InvalidDataException($"{name}: {why}"))
        .OrderBy(p => p.Name == "generic")];

    /// <summary>[main] Text of a file that comes with the program.</summary>
    internal static string Text(string file)
    {
        using var stream = typeof(Profiles).Assembly.GetManifestResourceStream(Prefix + file)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>[main] With the player's own; a file that cannot be read is named in the log.</summary>
    internal static IReadOnlyList<Profile> All(Desk desk)
    {
        var all = Shipped.ToList();
        if (desk.Resolve(Folder, forWriting: false, out _) is not { } folder || !Directory.Exists(folder)) return all;
        foreach (var file in Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            if (Own(file, out var why) is not { } profile)
            {
                desk.Log(LogLevel.Warning, $"{Path.GetFileName(file)}: {why}");
                continue;
            }
            // Before the others, so that its patterns are tried first.
            all.RemoveAll(p => p.Name == profile.Name);
            all.Insert(0, profile);
        }
        return all;
    }

    static Profile? Own(string file, out string why)
    {
        try
        {
            if (new FileInfo(file).Length > 1 << 20)
            {
                why = "larger than a controller's file may be";
                return null;
            }
            return ProfileReader.Read(RegularFile.ReadAllText(file), out why);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = e.Message;
            return null;
        }
    }
}
