namespace OscLooper.Tests.Dsp;

/// <summary>A folder that goes with its test.</summary>
sealed class TemporaryFolder : IDisposable
{
    readonly string path = Directory.CreateTempSubdirectory("osclooper-dsp-").FullName;

    public string this[string name] => Path.Combine(path, name);

    public IEnumerable<string> Names => Directory.GetFileSystemEntries(path).Select(entry => Path.GetFileName(entry)!).Order();

    public void Dispose() => Directory.Delete(path, recursive: true);
}
