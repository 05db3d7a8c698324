using OscLooper.Dsp;
using OscLooper.Tests;

namespace OscLooper.SystemTests;

public class RenderTests
{
    readonly Folder folder = new();

    [TearDown]
    public void GoAway() => folder.Dispose();

    // The score that README shows, taken from it: so what it shows is true.
    static string ReadmeScore()
    {
        var lines = File.ReadAllLines(Path.Combine(Checkout.Root, "README.md"));
        return string.Join('\n', lines.SkipWhile(l => !l.StartsWith("    0     /looper")).TakeWhile(l => l.StartsWith("    ")).Select(l => l[4..]));
    }

    string Take()
    {
        var path = folder.Of("take.wav");
        using var file = SoundFile.Create(path, SoundFormat.WavFloat, 1, 48000);
        file.Write([.. Enumerable.Range(0, 96000).Select(i => 0.5f * MathF.Sin(i * 0.05f) * (1 - i / 96000f))]);
        file.Commit();
        return path;
    }

    [Test]
    public void The_readme_s_score_renders_to_the_same_bits_at_every_block_size()
    {
        File.WriteAllText(folder.Of("hello.txt"), ReadmeScore());
        var take = Take();
        byte[]? first = null;
        foreach (var block in (int[])[128, 7, 64, 1024])
        {
            var output = folder.Of($"out{block}.wav");
            var ended = Programs.Run(Programs.Server, folder.Path, "render", "--score", "hello.txt", "--input", take, "--output", output, "--seconds", "6", "--block", $"{block}", "--replies", "replies.txt");
            Assert.That(ended, Is.EqualTo(new Ended(0, "", "")));
            Assert.That(File.ReadAllBytes(output), Is.EqualTo(first ??= File.ReadAllBytes(output)), $"block {block}");
        }

        using var sound = SoundFile.ReadAll(folder.Of("out128.wav"));
        Assert.That(sound.Frames, Is.EqualTo(6 * 48000));
        Assert.That(sound.Lane(0)[..96000].ToArray().Max(), Is.EqualTo(0), "nothing is heard while it records");
        Assert.That(sound.Lane(0)[96200..143000].ToArray().Max(), Is.GreaterThan(0.4f), "the loop is heard");
        Assert.That(sound.Lane(0)[(5 * 48000 + 4800)..].ToArray().Max(), Is.EqualTo(0), "it has stopped");
        Assert.That(File.ReadAllLines(folder.Of("replies.txt")), Does.Contain("96000f /looper/channel/1/state looping 96000"));
    }

    [Test]
    public void What_is_refused_is_told_with_its_line_and_the_rest_is_rendered()
    {
        File.WriteAllText(folder.Of("score.txt"), "0 /looper/channel/1/volume 0.5\n0.1 /nope 1\n0.2 /looper/channel/1/add_scene\n");
        var ended = Programs.Run(Programs.Server, folder.Path, "render", "--score", "score.txt", "--output", "out.wav", "--replies", "replies.txt");
        Assert.That(ended.ExitCode, Is.EqualTo(1));
        Assert.That(ended.Error, Is.EqualTo("osclooper: line 2: /nope: no such address\n"));
        Assert.That(File.ReadAllLines(folder.Of("replies.txt")), Does.Contain("9600f /done /looper/channel/1/add_scene 2"));
        Assert.That(File.Exists(folder.Of("out.wav")));
    }

    [Test]
    public void Replies_are_the_same_for_every_block_size_and_every_run()
    {
        File.WriteAllText(folder.Of("score.txt"), """
            0 /looper/channel/1/record
            0.1 /looper/channel/1/play
            0.1 /looper/channel/1/volume loud
            0.2 /server/clock
            0.2 /server/load
            0.21 /looper/channel/1/volume 0.1
            0.2101 /looper/channel/1/volume 0.2
            0.2102 /looper/channel/1/volume 0.3
            0.3 //volume 0.5
            0.3 /audio/master/gain 0.5
            0.3456 /looper/channel/1/scene 9
            0.3457 /looper/tempo_from_loop 7
            0.4 /server/quit
            """);
        string? first = null;
        foreach (var block in (int[])[128, 7, 1024, 128])
        {
            var ended = Programs.Run(Programs.Server, folder.Path, "render", "--score", "score.txt", "--output", "out.wav", "--block", $"{block}", "--replies", "replies.txt");
            Assert.That(ended.Error, Does.StartWith("osclooper: line 3: /looper/channel/1/volume: wrong type"));
            var replies = File.ReadAllText(folder.Of("replies.txt"));
            Assert.That(replies, Is.EqualTo(first ??= replies), $"block {block}");
        }
        Assert.That(first, Does.Contain("4800f /fail /looper/channel/1/volume \"wrong type\""), "at the frame of its line");
        foreach (var (frame, value) in ((int, string)[])[(10080, "0.1"), (10085, "0.2"), (10090, "0.3")])
            Assert.That(first, Does.Contain($"{frame}f /looper/channel/1/volume {value}\n"), "every change");
        Assert.That(first, Does.Contain("9600f /server/clock.reply 0x83aa7e8033333333 9600 48000.0\n"), "time is the frames alone");
    }

    [Test]
    public void All_errors_of_a_score_come_at_once()
    {
        File.WriteAllText(folder.Of("score.txt"), "x /a\n0 /b\n1 b\n");
        var ended = Programs.Run(Programs.Server, folder.Path, "render", "--score", "score.txt", "--output", "out.wav");
        Assert.That(ended.ExitCode, Is.EqualTo(2));
        Assert.That(ended.Error, Does.Contain("line 1").And.Contain("line 3"));
        Assert.That(File.Exists(folder.Of("out.wav")), Is.False);
    }

    [Test]
    public void The_demo_leaves_sound_and_a_picture()
    {
        var ended = Programs.Run(Programs.Server, folder.Path, "demo");
        Assert.That(ended.ExitCode, Is.EqualTo(0), ended.Output + ended.Error);
        Assert.That(ended.Error, Is.Empty);
        Assert.That(File.ReadAllBytes(folder.Of("demo.png")).Take(4), Is.EqualTo(new byte[] { 0x89, (byte)'P', (byte)'N', (byte)'G' }));
        using var sound = SoundFile.ReadAll(folder.Of("demo.wav"));
        Assert.That(sound.Frames / (double)sound.Rate, Is.GreaterThan(18), "nothing of it is missing");
        // From the first bar on there is music in every half second.
        for (var at = 2 * 48000; at + 24000 < sound.Frames; at += 24000)
            Assert.That(sound.Lane(0).Slice(at, 24000).ToArray().Max(), Is.GreaterThan(0.02f), $"silence at {at / 48000.0} s");
    }
}
