using OscLooper.Server.Realtime;

namespace OscLooper.Tests.Server.Realtime;

public class TransportModuleTests
{
    static Stage Open() => new Stage().With("transport", at => new TransportModule(at)).With("ramp", at => new RampModule(at)).Load();

    [Test]
    public void It_stands_at_0_plays_from_its_frame_and_keeps_its_place_when_stopped()
    {
        using var stage = Open();
        stage.Fire(100, "transport", "play");
        stage.Play(100 + 24000 * 5, 128);
        stage.Settle();
        Assert.That(stage.Cell("transport", "playing"), Is.EqualTo(1));
        stage.Fire(100 + 24000 * 5, "transport", "stop");
        stage.Play(24000, 128);
        Assert.That(stage.Cell("transport", "position"), Is.EqualTo(5).Within(1e-9));
        Assert.That((stage.Cell("transport", "bar"), stage.Cell("transport", "beat")), Is.EqualTo((2.0, 2.0)));
        Assert.That(stage.Cell("transport", "playing"), Is.Zero);
        stage.Fire(200000, "transport", "locate", 9.5);
        stage.Play(60000, 128);
        Assert.That(stage.Cell("transport", "position"), Is.EqualTo(9.5));
    }

    [Test]
    public void Tapping_sets_the_mean_of_the_last_four_intervals()
    {
        using var stage = Open();
        foreach (var frame in new[] { 0, 10000, 30000, 54000, 78000, 102000, 126000 }) stage.Fire(frame, "transport", "tap");
        stage.Play(126001, 128);
        Assert.That(stage.Cell("transport", "tempo"), Is.EqualTo(120).Within(1e-9));
        Assert.That(stage.Heard.Count(e => e.Kind == EventKind.Set && e.Client == 7), Is.EqualTo(6));
    }

    [Test]
    public void Two_seconds_without_a_tap_begin_anew()
    {
        using var stage = Open();
        foreach (var frame in new[] { 0, 12000, 12000 + 96001, 12000 + 96001 + 32000 }) stage.Fire(frame, "transport", "tap");
        stage.Play(108001, 128);
        Assert.That(stage.Cell("transport", "tempo"), Is.EqualTo(240).Within(1e-9), "the third tap is only the first of a new row");
        stage.Play(40000, 128);
        Assert.That(stage.Cell("transport", "tempo"), Is.EqualTo(90).Within(1e-9));
    }

    [Test]
    public void A_module_can_change_the_tempo_for_all()
    {
        using var stage = Open();
        stage.Fire(64, "ramp", "jump", 60);
        var sound = stage.Play(128, 128, (_, _) => 1)[0];
        Assert.That((sound[63], sound[64]), Is.EqualTo((1f, 2f)), "frames in a beat double at that sample");
        Assert.That(stage.Cell("transport", "tempo"), Is.EqualTo(60));
        Assert.That(stage.Heard.Single(e => e.Target == stage.Leaf("transport", "tempo")) is { Kind: EventKind.Set, Frame: 64, A: 60 }, Is.True);
    }

    [Test]
    public void Each_change_of_the_grid_is_told_with_the_frame_and_beat_it_is_counted_from()
    {
        using var stage = Open();
        stage.Set(24_000, "transport", "tempo", 60);
        stage.Fire(60_000, "transport", "play");
        stage.Fire(70_000, "transport", "locate", 8);
        stage.Set(80_000, "transport", "signature", 3, 4);
        stage.Play(90_000, 128);
        var told = stage.Heard.Where(e => e.Target == stage.Leaf("transport", "grid")).Select(e => (e.A, e.B, e.C)).ToList();
        Assert.That(told, Is.EqualTo(new[] { (24_000.0, 1.0, 60.0), (60_000, 0, 60), (70_000, 8, 60), (70_000, 8, 60) }));
    }

    [Test]
    public void Odd_signatures_and_sources_that_are_not_there_are_refused()
    {
        using var stage = Open();
        stage.Set(0, "transport", "signature", 7, 8);
        stage.Set(0, "transport", "signature", 4, 3);
        stage.Set(0, "transport", "source", 1);
        stage.Play(1, 1);
        Assert.That(stage.Heard.Where(e => e.Target != stage.Leaf("transport", "grid")).Select(e => (e.Kind, e.A)), Is.EqualTo(new[]
        {
            (EventKind.Set, 7.0), (EventKind.Refused, (int)Reason.OutOfRange), (EventKind.Refused, (double)Reason.Refused),
        }));
        Assert.That(stage.Cell("transport", "signature"), Is.EqualTo(7));
    }
}
