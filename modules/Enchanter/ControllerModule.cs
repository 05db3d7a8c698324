namespace OscLooper.Enchanter;

/// <summary>
/// [any] Translates devices into leaves: one for each physical control, at its exact frame. It changes nothing anywhere (the enchanter
/// does); what is no control, and every key that is no command, goes on to the instruments.
/// </summary>
[Module("controller", "Keys, pads and knobs of controllers as addresses; what they play goes on to the instruments.")]
public sealed class ControllerModule : Module, ILive
{
    readonly AudioSide audio;
    readonly Surface[] surfaces;
    volatile bool wasFrozen, isFresh;

    /// <summary>[main] Declares ports and leaves of every profile.</summary>
    public ControllerModule(Branch at)
    {
        audio = at.Audio;
        surfaces = [.. Profiles.All(at.Desk).OrderBy(p => p.Name != "generic").Select(profile => new Surface(at, profile))];
    }

    /// <summary>[worker] What was let go while it was frozen has not been heard: everything comes up.</summary>
    public bool Unfreeze(out string reason)
    {
        reason = "";
        isFresh |= wasFrozen;
        wasFrozen = false;
        return true;
    }

    /// <summary>[worker] The engine ends what sounds.</summary>
    public void Freeze() => wasFrozen = true;

    /// <summary>[audio] Rules and releases at their frame.</summary>
    public override void Handle(in Event e)
    {
        foreach (var surface in surfaces) surface.Handle(e);
    }

    /// <summary>[audio] Without notes there is nothing to translate.</summary>
    public override bool IsIdle => !isFresh && !MustRelease();

    bool MustRelease()
    {
        foreach (var surface in surfaces)
            if (surface.MustRelease) return true;
        return false;
    }

    /// <summary>[audio] What the devices have sent.</summary>
    public override void Process(in Block block)
    {
        if (isFresh)
        {
            isFresh = false;
            foreach (var surface in surfaces) surface.LetGoOfAll();
        }
        foreach (var surface in surfaces) surface.Process(block, audio);
    }
}
