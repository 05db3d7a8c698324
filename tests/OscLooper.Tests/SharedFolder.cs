namespace OscLooper.Tests;

/// <summary>Finds what tests compare with: in tests/data, or (what may not be copied) beside the checkout. A test that needs it says where it is to be had when it is absent.</summary>
static class SharedFolder
{
    /// <summary>A file or folder of it, or an ignored test with the reason.</summary>
    public static string Need(string name)
    {
        if (Find(name) is { } path) return path;
        Assert.Ignore($"../shared/data/{name} is not there: nothing to compare with (tests/data/README.md says where it is to be had)");
        return "";
    }

    /// <summary>The same, or nothing.</summary>
    public static string? Find(string name)
    {
        string[] places = [Path.Combine(Checkout.Root, "tests", "data", name), Path.Combine(Path.GetDirectoryName(Checkout.Root)!, "shared", "data", name)];
        return places.FirstOrDefault(Path.Exists);
    }

    /// <summary>The real projects, chains and templates; empty where the folder is absent.</summary>
    public static IEnumerable<string> RealProjects() =>
        Find("rpp-third-party") is { } folder
            ? Directory.EnumerateFiles(folder).Where(f => !f.EndsWith(".txt", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            : [];
}
