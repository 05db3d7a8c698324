namespace OscLooper.Tests;

/// <summary>Where the project lies, found from the test's own assembly.</summary>
static class Checkout
{
    public static string Root { get; } = Find();

    static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "OscLooper.sln"))) folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("OscLooper.sln");
        return folder;
    }

    /// <summary>Files of the project by ending, without what was built or restored.</summary>
    public static IEnumerable<string> Files(string pattern, string under = "") =>
        Directory.EnumerateFiles(Path.Combine(Root, under), pattern, SearchOption.AllDirectories)
            .Where(f => !Path.GetRelativePath(Root, f).Split(Path.DirectorySeparatorChar).Any(part => part is "artifacts" or "node_modules" or "dist" or ".git" or "BenchmarkDotNet.Artifacts"));
}
