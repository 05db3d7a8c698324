using OscLooper.Server.Files;

namespace OscLooper.Tests.Server.Files;

public class FoldersTests
{
    string top = "", inside = "", outside = "";

    [SetUp]
    public void Begin()
    {
        top = Directory.CreateTempSubdirectory("osclooper-").FullName;
        (inside, outside) = (Path.Combine(top, "inside"), Path.Combine(top, "outside"));
        Directory.CreateDirectory(inside);
        Directory.CreateDirectory(outside);
        File.WriteAllText(Path.Combine(outside, "secret"), "");
    }

    [TearDown]
    public void End() => Directory.Delete(top, true);

    string? Resolve(string path, bool forWriting = false) => new Folders([inside], false).Resolve(path, forWriting, out _);

    [Test]
    public void Names_are_relative_to_the_first_folder()
    {
        Assert.That(Resolve("a.wav"), Is.EqualTo(Path.Combine(inside, "a.wav")));
        Assert.That(Resolve("b/../c/a.wav"), Is.EqualTo(Path.Combine(inside, "c", "a.wav")));
        Assert.That(Resolve(Path.Combine(inside, "a.wav")), Is.EqualTo(Path.Combine(inside, "a.wav")));
    }

    [TestCase("../outside/secret")]
    [TestCase("b/../../outside/secret")]
    [TestCase("/etc/passwd")]
    [TestCase("")]
    [TestCase("a\0b")]
    [TestCase("..")]
    [TestCase(".")]
    public void What_lies_outside_is_refused_with_a_reason(string path)
    {
        Assert.That(new Folders([inside], false).Resolve(path, false, out var why), Is.Null);
        Assert.That(why, Is.Not.Empty);
    }

    [Test]
    public void A_folder_whose_name_only_begins_alike_is_outside() => Assert.That(Resolve(inside + "-too/a.wav"), Is.Null);

    [Test]
    public void Links_are_followed_before_the_check()
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("links need rights on Windows");
        Directory.CreateSymbolicLink(Path.Combine(inside, "way"), outside);
        File.CreateSymbolicLink(Path.Combine(inside, "file"), Path.Combine(outside, "secret"));
        File.CreateSymbolicLink(Path.Combine(inside, "up"), "../outside/secret");
        Directory.CreateSymbolicLink(Path.Combine(inside, "round"), Path.Combine(inside, "round"));
        File.CreateSymbolicLink(Path.Combine(inside, "home"), Path.Combine(inside, "a.wav"));
        Assert.That(Resolve("way/secret"), Is.Null);
        Assert.That(Resolve("way/new", forWriting: true), Is.Null);
        Assert.That(Resolve("file"), Is.Null);
        Assert.That(Resolve("up"), Is.Null);
        Assert.That(Resolve("round/a"), Is.Null);
        Assert.That(Resolve("home"), Is.EqualTo(Path.Combine(inside, "a.wav")));
    }

    [Test]
    public void An_allowed_folder_may_itself_be_reached_by_a_link()
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("links need rights on Windows");
        var link = Path.Combine(top, "link");
        Directory.CreateSymbolicLink(link, inside);
        Assert.That(new Folders([link], false).Resolve("a.wav", false, out _), Is.EqualTo(Path.Combine(inside, "a.wav")));
    }

    [Test]
    public void A_command_line_verb_may_touch_any_path() =>
        Assert.That(new Folders([inside], true).Resolve(Path.Combine(outside, "secret"), false, out _), Is.EqualTo(Path.Combine(outside, "secret")));
}
