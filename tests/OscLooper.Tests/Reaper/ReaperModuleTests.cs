using OscLooper.Osc;
using OscLooper.Reaper;
using OscLooper.Reaper.Rpp;
using OscLooper.Server;
using OscLooper.Testing;

namespace OscLooper.Tests.Reaper;

public class ReaperModuleTests
{
    readonly string folder = Directory.CreateTempSubdirectory("osclooper-").FullName;

    [TearDown]
    public void Clean() => Directory.Delete(folder, true);

    Rig Rig() => OscLooper.Testing.Rig.With(at => new ReaperModule(at), new ServerOptions { Folders = [folder] });

    [Test]
    public void A_song_given_as_text_is_built_into_an_allowed_folder()
    {
        using var rig = Rig();
        var replies = rig.Call("/reaper/build", Golden.Json, "out/song.rpp", 1);
        Assert.That(replies[^1].ToString(), Does.StartWith("/done").And.Contain("/reaper/build").And.Contain("song.rpp").And.EndWith("4"));
        Assert.That(File.ReadAllBytes(Path.Combine(folder, "out", "song.rpp")), Is.EqualTo(Golden.Build(1).Document.ToBytes()));
    }

    [Test]
    public void A_song_given_as_a_path_is_the_same()
    {
        File.WriteAllText(Path.Combine(folder, "song.json"), Golden.Json);
        using var rig = Rig();
        rig.Call("/reaper/build", "song.json", "song.rpp", 1);
        Assert.That(File.ReadAllBytes(Path.Combine(folder, "song.rpp")), Is.EqualTo(Golden.Build(1).Document.ToBytes()));
    }

    [Test]
    public void All_errors_come_back_and_nothing_is_written()
    {
        using var rig = Rig();
        var replies = rig.Call("/reaper/build", """{"version":1,"meta":{"tempo":0},"tracks":[{"nam":"a"}]}""", "song.rpp");
        Assert.That(replies.Count(r => r.Address == "/reaper/build.error"), Is.EqualTo(3));
        Assert.That(replies[^1].ToString(), Does.StartWith("/fail").And.Contain("failed").And.Contain("$.meta.tempo"));
        Assert.That(Directory.GetFiles(folder), Is.Empty);
    }

    [TestCase("../x.rpp")]
    [TestCase("/tmp/osclooper-elsewhere/x.rpp")]
    public void Nothing_is_written_outside_the_allowed_folders(string path)
    {
        using var rig = Rig();
        Assert.That(rig.Call("/reaper/build", Golden.Json, path)[^1].ToString(), Does.StartWith("/fail").And.Contain("refused"));
        Assert.That(File.Exists(Path.GetFullPath(path, folder)), Is.False);
    }

    [TestCase("/reaper/build", "song.json")]
    [TestCase("/reaper/import", "song.rpp")]
    [TestCase("/reaper/render", "song.rpp")]
    public void Nothing_is_written_over_what_it_is_read_from(string address, string file)
    {
        File.WriteAllText(Path.Combine(folder, "song.json"), Golden.Json);
        File.WriteAllBytes(Path.Combine(folder, "song.rpp"), Golden.Build(1).Document.ToBytes());
        var before = File.ReadAllBytes(Path.Combine(folder, file));
        using var rig = Rig();
        Assert.That(rig.Call(address, file, "./" + file)[^1].ToString(), Does.StartWith("/fail").And.Contain("refused").And.Contain("written over"));
        Assert.That(File.ReadAllBytes(Path.Combine(folder, file)), Is.EqualTo(before));
    }

    [Test]
    public void Loops_that_the_looper_cannot_save_fail_the_export_at_once()
    {
        using var rig = new Rig(new ServerOptions { Folders = [folder], Channels = 1 }, ("looper", at => new OscLooper.Looper.LooperModule(at)), ("reaper", at => new ReaperModule(at)));
        rig.Send("/looper/channel/1/record");
        rig.Render(4800);
        rig.Send("/looper/channel/1/play");
        rig.Render(4800);
        Directory.CreateDirectory(Path.Combine(folder, "out"));
        File.WriteAllText(Path.Combine(folder, "out", ".osclooper-export"), "in the way");
        rig.Replies.Clear();
        rig.Send("/reaper/export", "out");
        for (var n = 0; n < 100 && rig.Replies.All(r => r.Message.Address != "/fail"); n++) rig.Render(128);
        Assert.That(rig.Replies.Select(r => r.Message.ToString()).LastOrDefault(), Does.StartWith("/fail /reaper/export failed").And.Contain("the looper could not save its loops"));
        Assert.That(File.ReadAllText(Path.Combine(folder, "out", ".osclooper-export")), Is.EqualTo("in the way"));
    }

    [Test]
    public void A_project_is_imported_and_built_again()
    {
        File.WriteAllBytes(Path.Combine(folder, "a.rpp"), Golden.Build(1).Document.ToBytes());
        using var rig = Rig();
        Assert.That(rig.Call("/reaper/import", "a.rpp", "a.json")[^1].ToString(), Does.StartWith("/done").And.EndWith("4"));
        Assert.That(rig.Call("/reaper/build", "a.json", "b.rpp", 1)[^1].ToString(), Does.StartWith("/done"));
        Assert.That(RppDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "b.rpp"))).Project!.Blocks("TRACK").Count(), Is.EqualTo(4));
    }

    [Test]
    public void What_was_learned_is_known_to_the_next_build()
    {
        File.WriteAllText(Path.Combine(folder, "mine.rpp"), "<REAPER_PROJECT 0.1 \"7/x\" 1\n<TRACK\n<FXCHAIN\n<VST \"VST3: Odd One (Me)\" odd.vst3 0 \"\" 5{0123456789ABCDEF0123456789ABCDEF} \"\"\nAAAA\n>\n>\n>\n>\n");
        using var rig = Rig();
        const string song = """{"version":1,"tracks":[{"name":"a","role":"pad","plugins":["Odd One VST3"]}]}""";
        Assert.That(rig.Call("/reaper/build", song, "a.rpp")[^1].ToString(), Does.StartWith("/fail").And.Contain("unknown plug-in"));
        Assert.That(rig.Call("/reaper/learn", "mine.rpp", "pad").Select(r => r.ToString()), Has.Some.Contains("Odd_One_VST3"));
        Assert.That(rig.Call("/reaper/build", song, "a.rpp")[^1].ToString(), Does.StartWith("/done"));
        Assert.That(File.ReadAllText(Path.Combine(folder, "a.rpp")), Does.Contain("odd.vst3").And.Contain("AAAA"));
    }

    [Test]
    public void The_plug_ins_a_song_may_name_are_listed()
    {
        using var rig = Rig();
        var all = rig.Call("/reaper/plugins");
        Assert.That(all.Count(r => r.Address == "/reaper/plugins.item"), Is.EqualTo(Golden.Registry.Keys.Count()));
        Assert.That(rig.Call("/reaper/plugins", "pro q").Select(r => r.ToString()), Is.EqualTo(new[]
        {
            "/reaper/plugins.item Pro-Q_3 \"VST3: FabFilter Pro-Q 3 (FabFilter)\" certain", "/reaper/plugins.item Pro-Q_3_VST2 \"VST: FabFilter Pro-Q 3 (FabFilter)\" unsure", "/done /reaper/plugins 2",
        }));
    }

    [Test]
    public void A_sound_file_that_is_not_there_is_warned_of()
    {
        Directory.CreateDirectory(Path.Combine(folder, "Media"));
        File.WriteAllText(Path.Combine(folder, "Media", "there.wav"), "x");
        using var rig = Rig();
        var clips = string.Join(", ", new[] { "Media/there.wav", "Media/not there.wav", "Media/not there.wav", "/etc/passwd", "C:/x.wav" }.Select(f => $$"""{ "position": 0, "length": 1, "file": "{{f}}" }"""));
        var replies = rig.Call("/reaper/build", $$"""{ "version": 1, "tracks": [ { "name": "a", "clips": [ {{clips}} ] } ] }""", "a.rpp");
        Assert.That(replies.Select(r => r.ToString()).SkipLast(1), Is.EqualTo(new[] { "/reaper/build.warning \"the file Media/not there.wav is not there (yet), REAPER will miss it\"" }));
    }

    [Test]
    public void A_render_without_REAPER_is_told_so()
    {
        if (Environment.GetEnvironmentVariable("OSCLOOPER_REAPER") is not null || File.Exists("/opt/REAPER/reaper")) Assert.Ignore("REAPER is installed here");
        File.WriteAllBytes(Path.Combine(folder, "a.rpp"), Golden.Build(1).Document.ToBytes());
        using var rig = Rig();
        Assert.That(rig.Call("/reaper/render", "a.rpp", "a.wav")[^1].ToString(), Does.StartWith("/fail").And.Contain("REAPER was not found"));
    }

    [Test]
    public void The_loops_that_play_become_a_project_on_the_grid()
    {
        using var rig = new Rig(new ServerOptions { Folders = [folder] }, ("looper", at => new OscLooper.Looper.LooperModule(at)), ("reaper", at => new ReaperModule(at)));
        using (var writer = OscLooper.Dsp.SoundFile.Create(Path.Combine(folder, "in.wav"), OscLooper.Dsp.SoundFormat.WavFloat, 2, 48000))
        {
            writer.Write(new float[2 * 96000]);
            writer.Commit();
        }
        rig.Call("/looper/channel/3/load", "in.wav");
        rig.Send("/looper/channel/3/name", "pads");
        rig.Render(4800, 256);
        var replies = rig.Call("/reaper/export", "mine");
        Assert.That(replies[^1].ToString(), Does.StartWith("/done").And.Contain("mine.rpp"), string.Join("\n", replies));
        var track = RppDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "mine", "mine.rpp"))).Project!.Blocks("TRACK").Single();
        Assert.That(track.String("NAME"), Is.EqualTo("pads"));
        Assert.That(track.Block("ITEM")!.Line("LENGTH")!.Number(1), Is.EqualTo(2).Within(1e-9));
        Assert.That(File.Exists(Path.Combine(folder, "mine", "Media", "03 pads scene 1.wav")));
        Assert.That(Directory.Exists(Path.Combine(folder, "mine", ".osclooper-export")), Is.False);
    }

    [Test]
    public void An_export_of_nothing_is_told_so()
    {
        using var rig = new Rig(new ServerOptions { Folders = [folder] }, ("looper", at => new OscLooper.Looper.LooperModule(at)), ("reaper", at => new ReaperModule(at)));
        Assert.That(rig.Call("/reaper/export", "mine")[^1].ToString(), Does.StartWith("/fail").And.Contain("not found"));
        Assert.That(Directory.GetFileSystemEntries(folder), Is.Empty, "nothing is left behind");
    }
}
