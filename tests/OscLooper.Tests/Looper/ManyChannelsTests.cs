using OscLooper.Looper;

namespace OscLooper.Tests.Looper;

/// <summary>What one command says to all channels.</summary>
public class ManyChannelsTests
{
    [Test]
    public void Solo_of_many_channels_acts_on_its_frame_and_ends_with_the_last_of_them()
    {
        using var stage = new LoopStage(channels: 3);
        foreach (var channel in new[] { 1, 2, 3 })
        {
            stage.Do(100, "record", channel);
            stage.Do(1100, "play", channel);
            stage.Set(3001, "solo", channel == 3 ? 0 : 1, channel: channel);
            stage.Set(5001, "solo", 0, channel: channel);
        }
        var output = stage.Play(7000, _ => 0.1f, 700);
        Assert.That(output[3000], Is.EqualTo(0.3f).Within(1e-6));
        Assert.That(output[3001], Is.LessThan(0.3f).And.GreaterThan(0.299f), "the first frame that differs");
        Assert.That(output[3001 + 96], Is.EqualTo(0.2f).Within(1e-6));
        Assert.That(output[5000], Is.EqualTo(0.2f).Within(1e-6));
        Assert.That(output[5001], Is.GreaterThan(0.2f));
        Assert.That(output[5001 + 96], Is.EqualTo(0.3f).Within(1e-6));
    }

    [Test]
    public void A_chain_of_followers_plays_from_its_head_to_its_end_whatever_the_numbers()
    {
        using var stage = new LoopStage(channels: 5);
        // 3 leads, 5 follows it, 1 follows 5, 4 follows 1; 2 stands alone.
        stage.Do(0, "record", 3);
        stage.Do(1003, "play", 3);
        foreach (var (channel, master) in new[] { (4, 1), (1, 5), (5, 3) })
        {
            stage.Set(1500, "sync", (int)SyncSource.Channel, master, channel: channel);
            stage.Set(1500, "quantize", (int)Quantize.Cycle, channel: channel);
            stage.Do(1600, "record", channel);
        }
        stage.Do(2500, "play", 5);
        stage.Do(3500, "play", 1);
        stage.Do(4500, "play", 4);
        stage.Play(12_000, _ => 0.1f, 997);
        Assert.That(stage.States(5), Is.EqualTo(new[] { (2006L, LoopState.Recording), (3009L, LoopState.Looping) }));
        // Nobody turned whom they follow: these begin at once, and end at the first turn after they were told.
        Assert.That(stage.States(1), Is.EqualTo(new[] { (1600L, LoopState.Recording), (4012L, LoopState.Looping) }));
        Assert.That(stage.States(4).Select(s => s.State), Is.EqualTo(new[] { LoopState.Recording, LoopState.Looping }));
    }

    [Test]
    public void The_level_is_told_while_the_volume_moves()
    {
        using var stage = new LoopStage();
        stage.Do(100, "record");
        stage.Do(5000, "play");
        for (var frame = 6000; frame < 40_000; frame += 50) stage.Set(frame, "volume", frame % 100 == 0 ? 0.9 : 1);
        stage.Play(40_000, _ => 0.25f, 128);
        Assert.That(stage.Cell("level/out"), Is.EqualTo(0.25).Within(0.05));
    }
}
