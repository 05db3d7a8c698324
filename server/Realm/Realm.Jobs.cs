namespace OscLooper.Server.Realm;

/// <content>[main] What clients ask of the realm; each ends with Done or Fail.</content>
public sealed partial class Realm
{
    internal void LoadOne(string name, string module, JobCall call)
    {
        if (imps.Count >= MostImps)
        {
            call.Fail(OscLooper.Reason.Refused, $"there are {imps.Count} imps; {MostImps} is the most");
            return;
        }
        if (server.Space.IsTaken(name) || Want(name, module) is not { } imp)
        {
            call.Fail(OscLooper.Reason.Refused, $"there is {name} already");
            return;
        }
        WantedChanged();
        Answer(call, imp, Begin(imp, () => Task.CompletedTask), () => imp.State is ImpState.Active or ImpState.Frozen, imp.Name);
    }

    internal void Unload(Imp imp, JobCall call)
    {
        async Task Go()
        {
            await Begin(imp, () => Remove(imp));
            WantedChanged();
        }
        Answer(call, imp, Go(), () => true, imp.Name);
    }

    internal void Freeze(Imp imp, JobCall call)
    {
        imp.WantsFrozen = true;
        WantedChanged();
        Answer(call, imp, Begin(imp, () => Freeze(imp)), () => imp.State == ImpState.Frozen);
    }

    internal void Unfreeze(Imp imp, JobCall call)
    {
        imp.WantsFrozen = false;
        WantedChanged();
        Answer(call, imp, Begin(imp, () => Unfreeze(imp)), () => imp.State == ImpState.Active);
    }

    /// <summary>[main] Freezes or unfreezes for whoever is not a client.</summary>
    internal Task Turn(Imp imp, bool isOn)
    {
        imp.WantsFrozen = !isOn;
        return Begin(imp, () => isOn ? Unfreeze(imp) : Freeze(imp));
    }

    internal void RespawnOne(Imp imp, JobCall call)
    {
        // Asked for by hand: what went wrong before is forgiven.
        (imp.Faults, imp.RetrySecond) = (0, 0);
        imp.FaultSeconds.Clear();
        string? why = null;
        async Task Do() => why = await Respawn([imp]);
        Answer(call, imp, Do(), () => why is null, () => why!);
    }

    void Answer(JobCall call, Imp imp, Task doing, Func<bool> isWell, params object[] values) =>
        Answer(call, imp, doing, isWell, () => imp.Reason.Length > 0 ? imp.Reason : $"it is {imp.State.ToString().ToLowerInvariant()}", values);

    void Answer(JobCall call, Imp imp, Task doing, Func<bool> isWell, Func<string> why, params object[] values)
    {
        async Task Wait()
        {
            await doing;
            if (isWell()) call.Done(values);
            else call.Fail(imp.State is ImpState.Faulted or ImpState.Quarantined ? OscLooper.Reason.Failed : OscLooper.Reason.Refused, why());
        }
        Watch(Wait());
    }
}
