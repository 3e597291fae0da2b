;; Passes over content 16 octets at a time (RFC 5321 4.5.2): text, and CRLFs that no dot follows.
(module
  (memory (export "memory") 2)
  ;; Gives the first index in [at, end) that has to be looked at closer: a CR, an LF or a dot may be behind it.
  (func (export "pass") (param $at i32) (param $end i32) (result i32)
    (local $octets v128)
    (local $cr i32)  ;; a bit per octet of the block: which of them are CR, which LF
    (local $lf i32)
    (local $open i32) ;; how the block before ended: 1 in CR, 2 in CRLF
    (block $done
      (loop $next
        (br_if $done (i32.gt_u (i32.add (local.get $at) (i32.const 16)) (local.get $end)))
        (local.set $octets (v128.load (local.get $at)))
        (local.set $cr (i8x16.bitmask (i8x16.eq (local.get $octets) (i8x16.splat (i32.const 0x0d)))))
        (local.set $lf (i8x16.bitmask (i8x16.eq (local.get $octets) (i8x16.splat (i32.const 0x0a)))))
        (if (i32.or (i32.or (local.get $cr) (local.get $lf)) (local.get $open))
          (then
            ;; Each CR has its LF, and each LF its CR …
            (br_if $done
              (i32.ne
                (local.get $lf)
                (i32.and
                  (i32.or (i32.shl (local.get $cr) (i32.const 1)) (i32.and (local.get $open) (i32.const 1)))
                  (i32.const 0xffff))))
            ;; … and no line begins with a dot.
            (br_if $done
              (i32.and
                (i8x16.bitmask (i8x16.eq (local.get $octets) (i8x16.splat (i32.const 0x2e))))
                (i32.or (i32.shl (local.get $lf) (i32.const 1)) (i32.shr_u (local.get $open) (i32.const 1)))))
            (local.set $open
              (i32.or
                (i32.shr_u (local.get $cr) (i32.const 15))
                (i32.shl (i32.shr_u (local.get $lf) (i32.const 15)) (i32.const 1))))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $next)))
    (i32.sub (local.get $at) (local.get $open))))
