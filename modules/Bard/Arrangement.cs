namespace OscLooper.Bard;

/// <summary>[any] Which stages the notes of each source and channel go through. Compiled on main, handed over whole; its stages are then the audio side's.</summary>
sealed class Arrangement
{
    readonly Stage[] starts = new Stage[Performer.Sources * 16];

    /// <param name="stages">Every stage of it.</param>
    /// <param name="startOf">Where the notes of a source on a channel begin; null = straight to the first output.</param>
    /// <param name="shared">What plays by itself whatever the arrangement.</param>
    internal Arrangement(Stage[] stages, Func<int, int, Stage?> startOf, IStepper[] shared)
    {
        Stages = stages;
        foreach (var stage in stages) stage.IsArranged = true;
        Steppers = [.. shared, .. stages.OfType<IStepper>()];
        var straight = new Out(0, -1);
        for (var i = 0; i < starts.Length; i++) starts[i] = startOf(i / 16, i % 16) ?? straight;
    }

    internal Stage[] Stages { get; }
    /// <summary>[audio] What plays by itself on the grid, in the order in which it acts within a frame.</summary>
    internal IStepper[] Steppers { get; }

    internal Stage StartOf(int source, int channel) => starts[(source & 15) * 16 + channel];

    internal void Silence()
    {
        foreach (var stage in Stages) stage.Silence();
    }

    internal void Unplug(int source)
    {
        foreach (var stage in Stages) stage.Unplug(source);
    }
}
