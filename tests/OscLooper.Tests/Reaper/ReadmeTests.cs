using Newtonsoft.Json.Linq;
using OscLooper.Reaper.Build;
using OscLooper.Reaper.Song;

namespace OscLooper.Tests.Reaper;

/// <summary>What the module's README says is so.</summary>
public class ReadmeTests
{
    static string Text => File.ReadAllText(Path.Combine(Checkout.Root, "modules", "Reaper", "README.md"));

    [Test]
    public void Its_song_is_built_without_a_warning()
    {
        var (from, to) = (Text.IndexOf("```json", StringComparison.Ordinal) + 7, 0);
        to = Text.IndexOf("```", from, StringComparison.Ordinal);
        var built = SongBuilder.Build(SongJson.Read(Text[from..to], Golden.Registry), Golden.Registry, 1);
        Assert.That((built.Tracks, built.Warnings.Count), Is.EqualTo((5, 0)));
    }

    [Test]
    public void Every_word_of_a_song_stands_in_it()
    {
        var words = ((JObject)SongJson.Schema["definitions"]!).PropertyValues().Append(SongJson.Schema).Select(d => d["properties"]).OfType<JObject>().SelectMany(p => p.Properties()).Select(p => p.Name).Distinct().ToList();
        Assert.That(words, Has.Count.GreaterThan(60));
        Assert.That(words.Where(w => !Text.Contains($"`{w}`") && !Text.Contains($"\"{w}\"")), Is.Empty);
    }
}
