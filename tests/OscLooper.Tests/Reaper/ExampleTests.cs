using OscLooper.Reaper.Build;
using OscLooper.Reaper.Export;
using OscLooper.Reaper.Plugins;
using OscLooper.Reaper.Song;

namespace OscLooper.Tests.Reaper;

/// <summary>The projects in examples/ are what is built today. OSCLOOPER_WRITE_EXAMPLES=1 writes them anew.</summary>
public class ExampleTests
{
    [TestCase("pop")]
    [TestCase("odd-metre")]
    public void A_song_is_built_into_the_committed_project(string name)
    {
        var folder = Path.Combine(Examples, name);
        var registry = PluginRegistry.Load();
        var built = SongBuilder.Build(SongJson.Read(File.ReadAllText(Path.Combine(folder, "song.json")), registry), registry, 1);
        Assert.That(built.Warnings, Is.Empty);
        Compare(Path.Combine(folder, "song.rpp"), built.Document.ToBytes());
    }

    [Test]
    public void The_loop_session_is_exported_into_the_committed_project()
    {
        var folder = Path.Combine(Examples, "loop-session");
        var temporary = Directory.CreateTempSubdirectory("osclooper-").FullName;
        try
        {
            SessionExport.Write(SessionModel.Read(File.ReadAllText(Path.Combine(folder, "session.json"))), folder, temporary, 1);
            var written = Directory.GetFiles(temporary, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(temporary, f)).ToList();
            Assert.That(written, Has.Count.EqualTo(2 + 4), "a project, its song, and a file for each audio loop");
            foreach (var file in written) Compare(Path.Combine(folder, "project", file), File.ReadAllBytes(Path.Combine(temporary, file)));
        }
        finally
        {
            Directory.Delete(temporary, true);
        }
    }

    static void Compare(string path, byte[] bytes)
    {
        if (Environment.GetEnvironmentVariable("OSCLOOPER_WRITE_EXAMPLES") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, bytes);
        }
        Assert.That(File.Exists(path), $"{path} is not there: OSCLOOPER_WRITE_EXAMPLES=1 writes it");
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(bytes), $"{Path.GetFileName(path)} is stale: OSCLOOPER_WRITE_EXAMPLES=1 writes it anew");
    }

    static string Examples => Path.Combine(Checkout.Root, "examples");
}
