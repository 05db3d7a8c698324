namespace OscLooper.Reaper;

/// <summary>The data files that travel inside the assembly.</summary>
static class Embedded
{
    /// <summary>The text of one of them.</summary>
    public static string Text(string name)
    {
        using var stream = typeof(Embedded).Assembly.GetManifestResourceStream("OscLooper.Reaper." + name)
            ?? throw new InvalidOperationException($"{name} is not in the assembly");
        return new StreamReader(stream).ReadToEnd();
    }
}
