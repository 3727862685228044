print("segtrain")
