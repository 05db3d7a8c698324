using OscLooper.Server;
using OscLooper.Server.Realtime;

namespace OscLooper.Tests.Server.Addressing;

/// <summary>What one client says is carried out in the order in which it was said, whatever the device's clock does.</summary>
public unsafe class OrderTests
{
    [Test]
    public void When_the_clock_jumps_back_the_last_value_still_wins_and_a_question_hears_it([Values(-500, 40)] long ahead)
    {
        using var server = new OscLooper.Server.Server(new ServerOptions { OscPort = 0, Quiet = true }, [("odds", at => new OddsModule(at))]);
        var client = server.Connect("client");
        server.Engine.Process(null, null, 1024);
        server.Pump();
        // A device that stalls: by the clock these frames should have been played long ago.
        server.Engine.Clock.Anchor(1024 + 2000, SampleClock.MonotonicNow, 1e9 / 48000);
        client.Send("/odds/level", 0.25f);
        // It gives up what it missed: time goes on from a frame that is past, or from one soon.
        server.Engine.Clock.Anchor(1024 + ahead, SampleClock.MonotonicNow, 1e9 / 48000);
        client.Send("/odds/level", 0.5f);
        client.Send("/odds/level");
        for (var i = 0; i < 100; i++)
        {
            server.Engine.Process(null, null, 128);
            server.Pump();
        }
        Assert.That(client.Replies.Select(r => r.Message.ToString()), Is.EqualTo(new[] { "/odds/level 0.5" }));
        Assert.That(server.Space.TryFind("/odds/level", out var level) ? level.Value.A : -1, Is.EqualTo(0.5));
    }

    [Test]
    public void A_client_reads_what_it_wrote_also_when_the_block_that_plays_has_missed_it()
    {
        OddsModule odds = null!;
        using var server = new OscLooper.Server.Server(new ServerOptions { OscPort = 0, Quiet = true }, [("odds", at => odds = new OddsModule(at))]);
        var client = server.Connect("client");
        server.Engine.Process(null, null, 1024);
        server.Pump();
        // It comes while a block plays, and its frame lies in that block.
        odds.InProcess = () =>
        {
            odds.InProcess = null;
            server.Engine.Clock.Anchor(1024 - 118, SampleClock.MonotonicNow, 1e9 / 48000);
            client.Send("/odds/level", 0.5f);
        };
        server.Engine.Process(null, null, 128);
        server.Pump();
        client.Send("/odds/level");
        for (var i = 0; i < 10; i++)
        {
            server.Engine.Process(null, null, 128);
            server.Pump();
        }
        Assert.That(client.Replies.Select(r => r.Message.ToString()), Is.EqualTo(new[] { "/odds/level 0.5" }));
    }

    [Test]
    public void A_question_is_answered_before_the_sync_that_follows_it([Values] bool isPrompt)
    {
        using var server = new OscLooper.Server.Server(new ServerOptions { OscPort = 0, Quiet = true, Prompt = isPrompt }, [("odds", at => new OddsModule(at))]);
        var client = server.Connect("client");
        server.Engine.Process(null, null, 1024);
        server.Pump();
        // The device is behind: what comes now acts at once.
        server.Engine.Clock.Anchor(1024 - 500, SampleClock.MonotonicNow, 1e9 / 48000);
        client.Send("/odds/level", 0.5f);
        client.Send("/odds/level");
        client.Send("/server/sync", 7);
        for (var i = 0; i < 100; i++)
        {
            server.Engine.Process(null, null, 128);
            server.Pump();
        }
        Assert.That(client.Replies.Select(r => r.Message.ToString()), Is.EqualTo(new[] { "/odds/level 0.5", "/server/synced 7" }));
    }
}
