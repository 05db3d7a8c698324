using OscLooper.Server.Audio;
using OscLooper.Server.Realtime;
using OscLooper.Tests.Server.Realtime;

namespace OscLooper.Tests.Server.Audio;

/// <summary>What becomes of a device that stays away or is over, whichever device it is: the timer clock goes on until it is back.</summary>
public class DriverKeeperTests
{
    sealed class Device(string name) : IAudioDriver
    {
        public bool IsSilent;
        public volatile bool HasResumed, HasStopped, HasStarted;
        public string Backend => name;
        string IAudioDriver.Device => "test";
        public int Rate { get; init; } = 48000;
        public int Block => 128;
        public string Rights => "";
        public string? Trouble { get; set; }
        public bool IsAway => Volatile.Read(ref IsSilent);
        public bool IsBack => !IsAway;
        public int QuietMilliseconds => 10;
        public void Start(OscLooper.Server.Realtime.Engine engine) => HasStarted = true;
        public bool Suspend() => true;
        public void Resume() => HasResumed = true;
        public void Stop() => HasStopped = true;
        public void Dispose() => HasStopped = true;
    }

    static void Await(Func<bool> done, string what) => Assert.That(done, Is.True.After(60_000, 5), what);

    static void PlaysByTheTimer(Stage stage)
    {
        var frame = stage.Engine.Status.Frame;
        Await(() => stage.Engine.Status.Frame > frame + 480, "frames by the timer clock");
    }

    [Test]
    public void One_that_just_stays_away_is_stood_in_for_and_plays_again_when_it_calls()
    {
        using var stage = new Stage(1, 1, isOffline: false).Load();
        var said = new List<string>();
        var device = new Device("jack");
        using var keeper = new DriverKeeper(device, () => null, line => { lock (said) said.Add(line); });
        keeper.Start(stage.Engine);
        Await(() => keeper.Looks > 3, "it to be looked after");
        Assert.That((keeper.Backend, stage.Engine.Status.Frame), Is.EqualTo(("jack", 0)));

        Volatile.Write(ref device.IsSilent, true);
        Await(() => keeper.Backend == "none", "the timer clock to take over");
        PlaysByTheTimer(stage);
        Assert.That(device.HasResumed, Is.False);
        Volatile.Write(ref device.IsSilent, false);
        Await(() => device.HasResumed && keeper.Backend == "jack", "it to be used again");
        lock (said) Assert.That(said, Has.Count.EqualTo(2).And.Some.Contains("does not call any more; the timer clock goes on").And.Some.Contains("is back"));
    }

    [Test]
    public void One_that_is_over_is_closed_and_taken_again_when_it_is_there_at_whatever_rate()
    {
        using var stage = new Stage(1, 1, isOffline: false).Load();
        var said = new List<string>();
        var (device, next) = (new Device("jack"), new Device("jack") { Rate = 44100 });
        var isThere = 0;
        using var keeper = new DriverKeeper(device, () => Volatile.Read(ref isThere) > 0 ? next : null, line => { lock (said) said.Add(line); });
        keeper.Start(stage.Engine);
        device.Trouble = "it was pulled out";
        Await(() => keeper.Backend == "none" && device.HasStopped, "the timer clock to take over");
        PlaysByTheTimer(stage);
        Volatile.Write(ref isThere, 1);
        Await(() => next.HasStarted && keeper.Rate == 44100, "the new one to play");
        lock (said) Assert.That(said, Has.Count.EqualTo(2).And.Some.StartsWith("it was pulled out; the timer clock goes on").And.Some.Contains("is back at 44100 Hz"));
    }

    [Test]
    public void A_device_is_looked_after_as_soon_as_it_could_be_away()
    {
        using var stage = new Stage(1, 1, isOffline: false).Load();
        using var keeper = new DriverKeeper(new Device("jack"), () => null, _ => { });
        keeper.Start(stage.Engine);
        // Beside a thread that waits as long and as often: a busy machine keeps both waiting.
        for (var n = 0; n < 200 && keeper.Looks < 10; n++) Thread.Sleep(10);
        Assert.That(keeper.Looks, Is.GreaterThanOrEqualTo(10), "looks while another looked 200 times");
    }
}
