using OscLooper.Server.Realm;

namespace OscLooper.Tests.Server.Realm;

/// <summary>Whoever looks for a fault finds its place: in the log, and in /realm/imp/NAME/fault.</summary>
public class FaultPlaceTests
{
    static void IsTold(RealmStage stage, string imp, string place)
    {
        stage.Until(() => stage.Text($"/realm/imp/{imp}/fault").Contains(place), "it says where");
        var fault = stage.Text($"/realm/imp/{imp}/fault");
        Assert.That(fault, Does.Contain("   at ").And.Contains("Exception: "));
        Assert.That(stage.Lines, Has.Some.Contains($"{imp}: where it failed: ").And.Contains(place));
        Assert.That(stage.Ask($"/realm/imp/{imp}/fault", "x").ToString(), Does.Contain("read only"));
    }

    [TestCase("handle", "Trip.Handle")]
    [TestCase("process", "Trip.Process")]
    public void A_fault_on_the_audio_side_keeps_its_stack_also_when_the_imp_is_back(string way, string place)
    {
        using var stage = new RealmStage(null, "trip");
        stage.Server.Realm.PeriodSeconds = 0.1;
        Assert.That(stage.Text("/realm/imp/trip/fault"), Is.Empty);
        stage.Send($"/trip/{way}");
        stage.Until(() => stage.State("trip") == ImpState.Faulted, "it is faulted");
        IsTold(stage, "trip", place);
        stage.Until(() => stage.State("trip") == ImpState.Active, "it is back", 20);
        Assert.That(stage.Text("/realm/imp/trip/reason"), Is.Empty);
        Assert.That(stage.Text("/realm/imp/trip/fault"), Does.Contain(place));
        Assert.That(stage.Server.Engine.Status.AudioSideAllocatedBytes, Is.LessThan(10_000), "its text is not made there");
    }

    [TestCase("f1", "F1..ctor")]
    [TestCase("f2", "F2.Unfreeze")]
    public void A_fault_of_one_that_never_played_keeps_its_stack(string module, string place)
    {
        using var stage = new RealmStage();
        stage.Ask("/realm/load", module);
        IsTold(stage, module, place);
    }

    [Test]
    public void A_save_that_throws_keeps_its_stack_though_the_imp_plays_on()
    {
        using var stage = new RealmStage(null, "f4");
        for (var i = 0; i < 2; i++)
        {
            IReadOnlyList<ImpData>? all = null;
            stage.Server.Realm.Gather(Path.Combine(stage.Folder, $"save {i}"), saved => all = saved);
            stage.Until(() => all is not null, "all are asked");
        }
        IsTold(stage, "f4", "F4.Save");
        Assert.That(stage.State("f4"), Is.EqualTo(ImpState.Active));
    }

    [TestCase("trip", "Trip.Process")]
    [TestCase("f1", "F1..ctor")]
    [TestCase("f2", "F2.Unfreeze")]
    public void A_fault_in_a_process_of_its_own_crosses_over_with_its_stack(string module, string place)
    {
        using var stage = new RealmStage(new() { RealmFile = "realm.json" });
        File.WriteAllText(Path.Combine(stage.Folder, "realm.json"), $$"""{ "imps": { "{{module}}": { "isolation": "process" } } }""");
        // (A process that a busy machine lets start too slowly is started again.)
        stage.Until(() => stage.State(module) == (module == "trip" ? ImpState.Active : ImpState.Faulted), "it is there", 180);
        if (module == "trip") stage.Send("/trip/process");
        IsTold(stage, module, place);
    }
}
