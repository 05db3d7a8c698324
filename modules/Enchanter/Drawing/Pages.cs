namespace OscLooper.Enchanter;

/// <summary>[worker] A page for every controller: Markdown, and a picture made from its profile.</summary>
static class Pages
{
    /// <summary>[worker] Writes them all.</summary>
    internal static void Write(string folder, IEnumerable<Profile> profiles)
    {
        Directory.CreateDirectory(folder);
        foreach (var profile in profiles)
            foreach (var (name, text) in Of(profile))
                File.WriteAllText(Path.Combine(folder, name), text);
    }

    /// <summary>[worker] The files of one controller: name and content.</summary>
    internal static IEnumerable<(string Name, string Text)> Of(Profile profile) => [($"{profile.Name}.md", PageText.Of(profile)), ($"{profile.Name}.svg", Picture.Of(profile))];
}
