namespace OscLooper.Tests;

/// <summary>Finds the data folder that lies beside the checkout; a test that needs it says so when it is absent.</summary>
static class SharedFolder
{
    /// <summary>A folder of shared/data, or an ignored test with the reason.</summary>
    public static string Need(string name)
    {
        if (Find(name) is { } path) return path;
        Assert.Ignore($"../shared/data/{name} is not there: nothing to compare with");
        return "";
    }

    /// <summary>The same, or nothing.</summary>
    public static string? Find(string name)
    {
        var path = Path.Combine(Path.GetDirectoryName(Checkout.Root)!, "shared", "data", name);
        return Path.Exists(path) ? path : null;
    }

    /// <summary>The real projects, chains and templates; empty where the folder is absent.</summary>
    public static IEnumerable<string> RealProjects() =>
        Find("rpp-third-party") is { } folder
            ? Directory.EnumerateFiles(folder).Where(f => !f.EndsWith(".txt", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            : [];
}
