using FsCheck;
using FsCheck.Fluent;
using OscLooper.Server.Realm;

namespace OscLooper.Tests.Server.Realm;

/// <summary>What an imp that does not play is told before its first sample: held against a model that keeps everything, and bounded.</summary>
public class FirstsTests
{
    static readonly EventKind[] kinds = [EventKind.Set, EventKind.Set, EventKind.Ask, EventKind.Ask, EventKind.Fire];

    // Everything is kept, and what a later one makes idle is left out in the end.
    static IEnumerable<Event> Model(IReadOnlyList<Event> told) => told.Where((e, i) => e.Kind == EventKind.Set
        ? !told.Skip(i + 1).Any(later => later.Target == e.Target && later.Kind == EventKind.Set)
        : told.Skip(i + 1).Count(later => later.Target == e.Target && later.Kind != EventKind.Set) < Firsts.MostOfOneLeaf);

    [Test]
    public void The_last_value_of_each_leaf_and_the_last_questions_are_told_in_their_order() =>
        Prop.ForAll(Gen.Choose(0, 3).Zip(Gen.Choose(0, kinds.Length - 1)).ListOf().ToArbitrary(), steps =>
        {
            var (firsts, told) = (new Firsts(), new List<Event>());
            foreach (var (leaf, kind) in steps)
            {
                var e = new Event(told.Count, leaf, kinds[kind], 0, told.Count, 0, 0);
                told.Add(e);
                firsts.Add(e);
            }
            return firsts.All.SequenceEqual(Model(told));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60).WithEndSize(3000));

    [Test]
    public void Who_is_told_and_asked_a_million_times_before_it_plays_keeps_little()
    {
        var firsts = new Firsts();
        for (var i = 0; i < 1_000_000; i++) firsts.Add(new Event(i, i & 7, (i & 8) == 0 ? EventKind.Set : EventKind.Ask, 0, i, 0, 0));
        Assert.That(firsts.All, Has.Count.EqualTo(8 * (1 + Firsts.MostOfOneLeaf)));
        firsts.Clear();
        Assert.That(firsts.All, Is.Empty);
    }
}
