using OscLooper.Looper;
using OscLooper.Testing;
using OscLooper.Tests.Dsp;
using OscLooper.Tests.Server.Vault;

namespace OscLooper.Tests.Looper;

/// <summary>A server that dies while something is recorded: its folder is taken as it is at that moment, and another server starts over it.</summary>
public class CrashTests
{
    const int Second = 48_000;
    readonly VaultStage stage = new();
    readonly TemporaryFolder copies = new();
    LooperModule looper = null!;
    int crashes;

    [TearDown]
    public void GoAway()
    {
        stage.Dispose();
        copies.Dispose();
    }

    Rig Start() => stage.Start("", ("looper", at => looper = new LooperModule(at)));

    Rig AfterCrash(Action<string>? change = null)
    {
        var copy = copies[$"{crashes++}"];
        foreach (var file in Directory.GetFiles(stage.Folder, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != "lock"))
        {
            var to = Path.Combine(copy, Path.GetRelativePath(stage.Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            using var from = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var into = File.Create(to);
            from.CopyTo(into);
        }
        change?.Invoke(copy);
        var rig = new Rig(new OscLooper.Server.ServerOptions { Vault = copy, Channels = 2 }, ("looper", at => looper = new LooperModule(at)));
        rig.Render(256);
        return rig;
    }

    static float[] Noise(int frames, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, frames).Select(_ => random.NextSingle() - 0.5f)];
    }

    static float[] Heard(Rig rig, int frames)
    {
        rig.Send("/looper/channel/1/trigger");
        return rig.Render(frames);
    }

    static string State(Rig rig) => rig.Value("/looper/channel/1/state").Split(' ')[0];

    [Test]
    public void A_take_under_way_loses_less_than_a_second()
    {
        using var rig = Start();
        var noise = Noise(8 * Second, 1);
        rig.Send("/looper/channel/1/record");
        var done = 0;
        foreach (var more in new[] { 2 * Second, 1234, 3 * Second, Second / 2 })
        {
            rig.Render(noise[done..(done + more)]);
            done += more;
            using var again = AfterCrash();
            Assert.That(State(again), Is.EqualTo("paused"));
            var frames = (int)again.Number("/looper/channel/1/frames");
            Assert.That(frames, Is.InRange(done - Second / 2, done));
            Assert.That(Heard(again, frames).AsSpan(200).SequenceEqual(noise.AsSpan(200, frames - 200)));
        }
    }

    [Test]
    public void A_take_that_was_saved_when_it_had_just_begun_comes_back_whole()
    {
        using var rig = Start();
        rig.Send("/looper/channel/1/record");
        rig.Render(Noise(500, 1));
        VaultStage.Save(rig);
        rig.Render(Noise(Second * 9 / 10, 2));
        using var again = AfterCrash();
        Assert.That(again.Number("/looper/channel/1/frames"), Is.GreaterThan(Second / 2));
        Assert.That(again.Number("/looper/channel/1/layers"), Is.Zero);
    }

    [Test]
    public void A_take_of_a_server_that_died_before_it_saved_anything_comes_back()
    {
        using var rig = Start();
        rig.Send("/looper/channel/1/record");
        rig.Render(Noise(Second * 9 / 10, 2));
        Assert.That(File.Exists(stage["vault.json"]), Is.False);
        using var again = AfterCrash();
        Assert.That(State(again), Is.EqualTo("paused"));
        Assert.That(again.Number("/looper/channel/1/frames"), Is.GreaterThan(Second / 2));
    }

    [Test]
    public void A_take_that_nobody_saved_yet_comes_back_and_what_it_replaced_lies_below()
    {
        using var rig = Start();
        rig.Send("/looper/channel/1/record");
        rig.Render(Noise(5000, 1));
        rig.Send("/looper/channel/1/play");
        VaultStage.Save(rig);
        rig.Send("/looper/channel/1/record");
        rig.Render(Noise(Second * 9 / 10, 2));
        rig.Send("/looper/channel/1/play");
        rig.Render(Second * 9 / 10);
        Assert.That(stage.Document()["seq"]!.ToString(), Is.EqualTo("1"));
        using var again = AfterCrash();
        Assert.That(again.Number("/looper/channel/1/frames"), Is.InRange(Second / 2, Second));
        Assert.That(again.Number("/looper/channel/1/layers"), Is.EqualTo(1));
        again.Send("/looper/channel/1/undo");
        Assert.That(again.Number("/looper/channel/1/frames"), Is.EqualTo(5000));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void A_pass_under_way_loses_less_than_a_second(bool isSavedMeanwhile)
    {
        const int Length = 3 * Second + 777;
        using var rig = Start();
        rig.Send("/looper/channel/1/sync", "none");
        rig.Send("/looper/channel/1/record");
        rig.Render(Noise(Length, 1));
        rig.Send("/looper/channel/1/play");
        rig.Render(Second);
        VaultStage.Save(rig);
        rig.Send("/looper/channel/1/overdub");
        rig.Render(Noise(Second / 2, 2));
        if (isSavedMeanwhile) VaultStage.Save(rig);
        rig.Render(Noise(isSavedMeanwhile ? Length * 2 : Second * 4 / 10, 3));

        using var again = AfterCrash();
        Assert.That(State(again), Is.EqualTo("looping"));
        Assert.That(again.Number("/looper/channel/1/layers"), Is.EqualTo(1), "the pass is a layer of its own");
        rig.Send("/looper/channel/1/play");
        rig.Render(1000);
        var (whole, saved) = (Heard(rig, Length), Heard(again, Length));
        var differ = Enumerable.Range(200, Length - 200).Count(i => whole[i] != saved[i]);
        Assert.That(differ, Is.LessThan(Second), "of what was added");
        again.Send("/looper/channel/1/undo");
        rig.Send("/looper/channel/1/undo");
        Assert.That(Heard(again, Length).AsSpan(300).SequenceEqual(Heard(rig, Length).AsSpan(300)), "the layer below is whole");
    }

    // Over so many turns that every record of the pass's file has been written over more than once.
    Rig LongPass(int saveAt)
    {
        const int Length = Second + 777;
        var rig = Start();
        rig.Send("/looper/channel/1/sync", "none");
        rig.Send("/looper/channel/1/record");
        rig.Render(Noise(Length, 1));
        rig.Send("/looper/channel/1/play");
        rig.Render(100);
        VaultStage.Save(rig);
        rig.Send("/looper/channel/1/overdub");
        for (var part = 0; part < 40; part++)
        {
            rig.Render(Noise(Second / 4, 2 + part));
            if (part == saveAt) VaultStage.Save(rig);
        }
        return rig;
    }

    static string PassOf(string vault) => Directory.GetFiles(Path.Combine(vault, "takes/looper"), "*.pass").Single();

    static float[] End(Rig rig)
    {
        rig.Send("/looper/channel/1/play");
        rig.Render(1000);
        return Heard(rig, Second + 777);
    }

    static int Differences(float[] a, float[] b) => Enumerable.Range(200, a.Length - 200).Count(i => a[i] != b[i]);

    [TestCase(-1)]
    [TestCase(20)]
    [TestCase(37)]
    public void A_pass_of_many_turns_loses_less_than_a_second(int saveAt)
    {
        using var rig = LongPass(saveAt);
        using var again = AfterCrash();
        Assert.That(again.Number("/looper/channel/1/layers"), Is.EqualTo(1));
        Assert.That(Differences(End(again), End(rig)), Is.LessThan(Second / 2), "of what was added last");
    }

    [TestCase(-1)]
    [TestCase(37)]
    public void A_record_that_was_being_written_takes_no_other_one_with_it(int saveAt)
    {
        using var rig = LongPass(saveAt);
        using var whole = AfterCrash();
        using var again = AfterCrash(vault =>
        {
            var bytes = File.ReadAllBytes(PassOf(vault));
            // Of a segment that the head has gone over since the record before it.
            const int Size = 24 + 2 * 8192;
            var young = Enumerable.Range(0, (bytes.Length - 32) / Size).Select(n => 32 + n * Size).OrderByDescending(at => BitConverter.ToInt64(bytes, at + 8)).ElementAt(5);
            new Random(1).NextBytes(bytes.AsSpan(young + 5000, 4000));
            File.WriteAllBytes(PassOf(vault), bytes);
        });
        Assert.That(again.Number("/looper/channel/1/layers"), Is.EqualTo(1));
        Assert.That(Differences(End(again), End(whole)), Is.InRange(1, 2048), "that segment is as it was a turn before");
        Assert.That(Heard(again, Second).Max(MathF.Abs), Is.LessThan(40));
    }

    [Test]
    public void A_pass_that_an_earlier_program_left_comes_back()
    {
        using var rig = LongPass(-1);
        using var whole = AfterCrash();
        using var again = AfterCrash(vault =>
        {
            // " OLPass1": the same head, records without number and checksum, in the order in which they came.
            var bytes = File.ReadAllBytes(PassOf(vault));
            const int Size = 24 + 2 * 8192;
            var records = Enumerable.Range(0, (bytes.Length - 32) / Size).Select(n => 32 + n * Size).OrderBy(at => BitConverter.ToInt64(bytes, at + 8));
            byte[] head = bytes[..32];
            BitConverter.TryWriteBytes(head, 0x31_73_73_61_50_4C_4F_20ul);
            File.WriteAllBytes(PassOf(vault), [.. head, .. records.SelectMany(at => (byte[])[.. bytes[at..(at + 8)], .. bytes[(at + 24)..(at + Size)]])]);
        });
        Assert.That(again.Number("/looper/channel/1/layers"), Is.EqualTo(1));
        Assert.That(Differences(End(again), End(whole)), Is.Zero);
    }

    [Test]
    public void Files_of_takes_go_when_two_newer_saves_hold_them()
    {
        using var rig = Start();
        var takes = stage["takes/looper"];
        rig.Send("/looper/channel/1/record");
        rig.Render(Second);
        Assert.That(Directory.GetFiles(takes), Has.Length.EqualTo(1));
        rig.Send("/looper/channel/1/play");
        rig.Render(Second / 2);
        Assert.That(Directory.GetFiles(takes), Has.Length.EqualTo(1));
        VaultStage.Save(rig);
        Assert.That(Directory.GetFiles(takes), Has.Length.EqualTo(1), "held by one save only");
        VaultStage.Save(rig);
        VaultStage.Save(rig);
        Assert.That(Directory.GetFiles(takes), Is.Empty);
    }

    [Test]
    public void What_runs_left_of_which_neither_of_the_last_two_documents_is_goes_at_the_next_save()
    {
        var takes = stage["takes/looper"];
        string[] Left(string run) => Directory.GetFiles(takes, $"{run}-*");
        string first;
        using (var rig = Start())
        {
            rig.Send("/looper/channel/1/record");
            rig.Render(Second);
            rig.Send("/looper/channel/1/play");
            rig.Render(Second / 2);
            VaultStage.Save(rig);
            first = TakeFiles.RunOf(Directory.GetFiles(takes).Single())!;
        }
        // As sessions leave them that are open for a moment only.
        foreach (var name in (string[])["beef-1.channel-1.scene-1.pass", "beef-2.channel-1.scene-1.wav.part", "beef-3.channel-1.scene-1.notes.tmp", "note.txt", "beef.txt"]) File.WriteAllText(Path.Combine(takes, name), "");
        using var again = Start();
        again.Render(256);
        Assert.That((Left(first).Length, Left("beef").Length), Is.EqualTo((1, 3)));
        VaultStage.Save(again);
        Assert.That((Left(first).Length, Left("beef").Length), Is.EqualTo((1, 0)), "the documents of the first run may still need its own");
        for (var n = 0; n < 3; n++) VaultStage.Save(again);
        Assert.That(Directory.GetFiles(takes).Select(Path.GetFileName), Is.EquivalentTo(new[] { "note.txt", "beef.txt" }), "what somebody else put there stays");
    }

    [Test]
    public void Strange_files_among_the_takes_are_left_alone()
    {
        using var rig = Start();
        rig.Send("/looper/channel/1/record");
        rig.Render(2 * Second);
        VaultStage.Save(rig);
        var run = Path.GetFileName(Directory.GetFiles(stage["takes/looper"]).Single()).Split('-')[0];
        foreach (var (name, text) in new[] { ("note.txt", "x"), ($"{run}-99.channel-1.scene-1.pass", "no"), ($"{run}-98.channel-1.scene-1.wav.part", "RIFF"), ($"{run}-97.channel-999999.scene-1.pass", ""), ("0-1.channel-1.scene-1.wav.part", "") })
            File.WriteAllText(Path.Combine(stage["takes/looper"], name), text);
        using var again = AfterCrash();
        Assert.That(again.Number("/looper/channel/1/frames"), Is.GreaterThan(Second));
    }
}
