namespace OscLooper.Enchanter;

/// <summary>[main] A binding at work: it knows what its address says now, and whether the knob has been picked up.</summary>
sealed class Bond : IDisposable
{
    // A knob this near to the value has it; as wide as two steps of a 7-bit knob.
    const double Near = 2.0 / 127;

    readonly Speaker desk;
    readonly IDisposable? watch;
    double place = double.NaN, lastSent = double.NaN;
    double? current;
    bool isCaught, isHigh;

    internal Bond(Binding binding, Speaker desk, bool isContinuous)
    {
        (Binding, this.desk) = (binding, desk);
        // Only what is set by value is worth knowing; a pattern has no single value.
        if ((isContinuous || binding.Mode is PressMode.Toggle) && binding.Fixed.Count == 0 && binding.Address.IndexOfAny(['*', '?', '[', '{']) < 0 && !binding.Address.Contains("//"))
            watch = desk.Watch(binding.Address, Heard);
    }

    internal Binding Binding { get; }

    /// <summary>[main] The address's value lies in the upper half of the range.</summary>
    internal bool? IsHigh => current is { } value ? Binding.PlaceOf(value) >= 0.5 : null;

    /// <summary>[main] Told when the value changes, whoever changed it.</summary>
    internal Action? Changed { get; set; }

    /// <summary>[main] The address has another value.</summary>
    internal void Heard(string address, object[] values)
    {
        if (values.Length == 0 || values[0] is not (int or long or float or double)) return;
        current = Convert.ToDouble(values[0], System.Globalization.CultureInfo.InvariantCulture);
        // Somebody else has moved it away from the knob: the knob must come and fetch it.
        if (!double.IsNaN(place) && Math.Abs(Binding.PlaceOf(current.Value) - place) > Near) isCaught = false;
        Changed?.Invoke();
    }

    /// <summary>[main] A button.</summary>
    internal void Press(bool isDown, double velocity, long? frame)
    {
        if (!isDown && Binding.Mode != PressMode.Gate) return;
        switch (Binding.Mode)
        {
            case PressMode.Press:
                Send(frame, [.. Binding.Fixed]);
                break;
            case PressMode.Gate:
                SendValue(frame, Binding.At(isDown ? 1 : 0));
                break;
            case PressMode.Toggle:
                isHigh = !(IsHigh ?? isHigh);
                SendValue(frame, Binding.At(isHigh ? 1 : 0));
                break;
            default:
                SendValue(frame, Binding.At(velocity));
                break;
        }
    }

    /// <summary>[main] A knob or fader that stays where it is put. Until it has passed the value it moves nothing (soft take-over).</summary>
    internal void MoveTo(double to)
    {
        var from = place;
        place = to;
        if (!Binding.Jumps && !isCaught && current is { } value)
        {
            var target = Binding.PlaceOf(value);
            isCaught = Math.Abs(to - target) <= Near || (!double.IsNaN(from) && (from - target) * (to - target) <= 0);
            if (!isCaught) return;
        }
        isCaught = true;
        SendValue(null, Binding.At(to));
    }

    /// <summary>[main] What springs back or has no rest: sent as it is.</summary>
    internal void Set(double to) => SendValue(null, Binding.At(to));

    /// <summary>[main] An encoder: so many clicks from where the value is.</summary>
    internal void Turn(int clicks)
    {
        var from = current ?? (double.IsNaN(lastSent) ? Binding.At(0) : lastSent);
        var (low, high) = (Binding.Low ?? 0, Binding.High ?? 1);
        SendValue(null, Binding.IsWhole
            ? Math.Clamp(from + Math.Sign(high - low) * clicks, Math.Min(low, high), Math.Max(low, high))
            : Binding.At(Binding.PlaceOf(from) + clicks / 127.0));
    }

    /// <summary>[main] The device is gone or new: where its knobs stand is not known.</summary>
    internal void Forget() => (place, isCaught) = (double.NaN, false);

    void SendValue(long? frame, double value)
    {
        // What is so already need not be said; without a watch nobody knows.
        if (watch is not null && current is { } now && (float)now == (float)value) return;
        (lastSent, current) = (value, value);
        Send(frame, [.. Binding.Fixed, Binding.IsWhole || value == Math.Floor(value) && Math.Abs(value) < 1e6 && IsWholeRange ? (int)value : (object)(float)value]);
        Changed?.Invoke();
    }

    bool IsWholeRange => Binding.Mode != PressMode.Velocity && Binding.Mode != PressMode.Press;

    void Send(long? frame, object[] arguments) => desk.SendAt(frame, Binding.Address, arguments);

    public void Dispose() => watch?.Dispose();
}
